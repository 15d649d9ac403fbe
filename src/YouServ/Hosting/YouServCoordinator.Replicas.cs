using System.Net;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServCoordinator
{
    private const int SitesRead = 256;

    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long replicas have to show that they can serve; a heartbeat may wait for it.</summary>
    private static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(5);

    /// <summary>How far a state's number may be ahead of the clock: it is a time.</summary>
    private static readonly TimeSpan VersionAhead = TimeSpan.FromDays(1);

    /// <summary>Invites the peer of another site to keep a copy of a user's: of all files, whoever may read them, of the rules, and of who is signed in.</summary>
    /// <param name="owner">The session of the user whose site it is.</param>
    /// <param name="holder">Whose peer is to keep the copy.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<ReplicaResult> InviteHolderAsync(SessionRecord owner, SiteName holder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var site = await SiteOfAsync(owner, cancellationToken).ConfigureAwait(false);
        if (holder == site.Name)
        {
            return ReplicaResult.OwnSite;
        }

        if (await _store.FindSiteAsync(holder, cancellationToken).ConfigureAwait(false) is null)
        {
            return ReplicaResult.NoSuchSite;
        }

        return await _store.AddReplicaAsync(site.Name, holder, ReplicaChoice.ReplicasMax, ReplicaChoice.HeldMax, cancellationToken).ConfigureAwait(false) ? ReplicaResult.Done : ReplicaResult.TooMany;
    }

    /// <summary>Accepts an invitation: the user's peer keeps a copy of the site from now on.</summary>
    /// <param name="holder">The session of the user who was invited.</param>
    /// <param name="site">The site that is to be copied.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<ReplicaResult> AcceptCopyAsync(SessionRecord holder, SiteName site, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(holder);
        var own = await SiteOfAsync(holder, cancellationToken).ConfigureAwait(false);
        return await _store.AcceptReplicaAsync(site, own.Name, cancellationToken).ConfigureAwait(false) ? ReplicaResult.Done : ReplicaResult.NotInvited;
    }

    /// <summary>Ends a replica, or takes an invitation back: the copy is no longer renewed, serves no more, and is deleted by the peer that keeps it.</summary>
    /// <param name="user">The session of the owner, or of the user whose peer keeps the copy.</param>
    /// <param name="site">The site that is copied.</param>
    /// <param name="holder">Whose peer keeps the copy.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<ReplicaResult> EndCopyAsync(SessionRecord user, SiteName site, SiteName holder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(user);
        var own = await SiteOfAsync(user, cancellationToken).ConfigureAwait(false);
        if (own.Name != site && own.Name != holder)
        {
            return ReplicaResult.NotInvited;
        }

        await _store.RemoveReplicaAsync(site, holder, cancellationToken).ConfigureAwait(false);
        if (await _store.FindSiteAsync(site, cancellationToken).ConfigureAwait(false) is { Lease: { Holder: { } standing } lease } served && standing == holder)
        {
            var successor = await FindSuccessorAsync(served, cancellationToken).ConfigureAwait(false);
            await DecideAsync(site, current => SiteMachine.Release(current, lease.Id, successor), cancellationToken).ConfigureAwait(false);
        }

        return ReplicaResult.Done;
    }

    /// <summary>
    /// Ends everything that a user has with the coordinators of a store, as of one who has left: sessions, the copies that others keep of the site, and those that the user keeps of others'. Within a minute the name points nowhere;
    /// it stays the user's.
    /// </summary>
    /// <param name="store">The store, which coordinators may have open as well.</param>
    /// <param name="user">The user, who has to be kept from signing in again first.</param>
    /// <param name="cancellationToken">Stops waiting; part of it may be done nevertheless.</param>
    /// <returns>How many sessions were valid.</returns>
    public static async ValueTask<int> EndServiceAsync(ICoordinatorStore store, UserId user, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var count = 0;
        foreach (var session in await store.ListSessionsAsync(user, store.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false))
        {
            count += await store.RevokeSessionAsync(user, session.Id, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        IReadOnlyList<SiteRecord> page;
        for (var after = default(SiteName); (page = await store.ListSitesAsync(after, SitesRead, cancellationToken).ConfigureAwait(false)).Count > 0; after = page[^1].Name)
        {
            if (page.FirstOrDefault(site => site.Owner == user) is { } own)
            {
                var replicas = await store.ListReplicasAsync(own.Name, cancellationToken).ConfigureAwait(false);
                foreach (var replica in replicas.Concat(await store.ListHeldAsync(own.Name, cancellationToken).ConfigureAwait(false)))
                {
                    await store.RemoveReplicaAsync(replica.Site, replica.Holder, cancellationToken).ConfigureAwait(false);
                }

                break; // A user has one site.
            }
        }

        return count;
    }

    /// <summary>Lists who keeps copies of a user's site, or is invited to.</summary>
    /// <param name="owner">The user's session.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<IReadOnlyList<ReplicaRecord>> ListReplicasAsync(SessionRecord owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return await _store.ListReplicasAsync((await SiteOfAsync(owner, cancellationToken).ConfigureAwait(false)).Name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells a peer what it keeps copies of, where the owners' peers are, and what lets it in there.</summary>
    internal async ValueTask<IReadOnlyList<HeldView>> ListHeldAsync(SessionRecord holder, SiteName? only, CancellationToken cancellationToken)
    {
        var own = await SiteOfAsync(holder, cancellationToken).ConfigureAwait(false);
        var views = new List<HeldView>();
        foreach (var replica in await _store.ListHeldAsync(own.Name, cancellationToken).ConfigureAwait(false))
        {
            if ((only is null || replica.Site == only) && await _store.FindSiteAsync(replica.Site, cancellationToken).ConfigureAwait(false) is { } site)
            {
                views.Add(new()
                {
                    Site = site.Name.Value,
                    Owner = site.Owner.Value,
                    DisplayName = site.DisplayName,
                    IsAccepted = replica.IsAccepted,
                    Source = replica.IsAccepted && site.Lease is { Holder: null } lease ? SourceOf(site, lease, own) : null,
                });
            }
        }

        return views;
    }

    /// <summary>
    /// A peer says which copies it has on its disk. Its leases as a stand-in are renewed, and where nobody serves a site of which it has a copy, a replica takes over.
    /// </summary>
    /// <returns>The sites of which it may keep copies.</returns>
    internal async ValueTask<IReadOnlyList<SiteName>> NoteHeldAsync(SessionRecord holder, IReadOnlyDictionary<SiteName, long> versions, CancellationToken cancellationToken)
    {
        var own = await SiteOfAsync(holder, cancellationToken).ConfigureAwait(false);
        var held = (await _store.ListHeldAsync(own.Name, cancellationToken).ConfigureAwait(false)).Where(replica => replica.IsAccepted).ToList();
        await Task.WhenAll(held.Select(replica => NoteAsync(holder, own, replica, versions.GetValueOrDefault(replica.Site), cancellationToken))).ConfigureAwait(false);
        return [.. held.Select(replica => replica.Site)];
    }

    /// <summary>A peer says that a copy has a new state.</summary>
    internal async ValueTask ReportReplicaAsync(SessionRecord holder, IReadOnlyDictionary<SiteName, long> versions, CancellationToken cancellationToken)
    {
        var own = await SiteOfAsync(holder, cancellationToken).ConfigureAwait(false);
        if (own.Lease?.TokenHash != holder.TokenHash)
        {
            return; // Another machine of the user's has the name, and copies of its own.
        }

        foreach (var replica in await _store.ListHeldAsync(own.Name, cancellationToken).ConfigureAwait(false))
        {
            if (replica.IsAccepted && versions.TryGetValue(replica.Site, out var version))
            {
                await NoteAsync(holder, own, replica, version, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task NoteAsync(SessionRecord holder, SiteRecord own, ReplicaRecord replica, long version, CancellationToken cancellationToken)
    {
        var now = _store.Clock.GetUtcNow();
        if (version < 0 || version > (now + VersionAhead).ToUnixTimeMilliseconds())
        {
            return; // Whoever says so wants to be chosen for it.
        }

        if (version != replica.Version || replica.ReportedAt is not { } last || now - last >= ReportInterval)
        {
            await _store.NoteReplicaAsync(replica.Site, replica.Holder, version, now, cancellationToken).ConfigureAwait(false);
        }

        if (version > 0 && await _store.FindSiteAsync(replica.Site, cancellationToken).ConfigureAwait(false) is { } site)
        {
            await StandInAsync(site, own, holder, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Finds the most current replica of a site that can serve: one that proves, to a visitor under the site's name, that it is the one.</summary>
    /// <param name="site">The site.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <param name="excluding">Whose peer is not to be taken; null for the one that stands in now.</param>
    /// <returns>Its lease, to be granted; null if there is none.</returns>
    internal async ValueTask<SiteLease?> FindSuccessorAsync(SiteRecord site, CancellationToken cancellationToken, SiteName? excluding = null)
    {
        var replicas = ReplicaChoice.Order(await _store.ListReplicasAsync(site.Name, cancellationToken).ConfigureAwait(false), excluding ?? site.Lease?.Holder).ToList();
        var leases = await Task.WhenAll(replicas.Select(replica => TryReachAsync(site, replica, cancellationToken))).ConfigureAwait(false);
        var first = Array.FindIndex(leases, lease => lease is not null);
        if (first < 0)
        {
            return null;
        }

        LogStandsIn(site.Name, replicas[first].Holder, replicas[first].Version);
        _metrics.HandedOver();
        return leases[first];
    }

    /// <summary>Asks a replica, as a visitor of the site, whether it is there.</summary>
    /// <returns>The lease that it would have; null if it is not there in time.</returns>
    private async Task<SiteLease?> TryReachAsync(SiteRecord site, ReplicaRecord replica, CancellationToken cancellationToken)
    {
        if (await _store.FindSiteAsync(replica.Holder, cancellationToken).ConfigureAwait(false) is not { Lease: { } lease } || !ReplicaChoice.MayServe(lease, _store.Clock.GetUtcNow()))
        {
            return null;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HandOverPatience);
        var reached = await Task.WhenAll(lease.Addresses.Select(address => IsReachedAsync(address))).ConfigureAwait(false);
        var now = _store.Clock.GetUtcNow();
        return reached.Contains(true)
            ? lease with
            {
                Id = Token.CreateId(),
                Addresses = [.. lease.Addresses.Where((_, index) => reached[index])],
                IsProxy = false,
                Holder = replica.Holder,
                GrantedAt = now,
                ExpiresAt = now + _terms.Span,
            }
            : null;

        async Task<bool> IsReachedAsync(IPAddress address)
        {
            try
            {
                return await ProbeAsync(site.Name, address, lease.Port, lease.IsSecure, lease.TokenHash, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return false;
            }
        }
    }

    private async ValueTask StandInAsync(SiteRecord site, SiteRecord own, SessionRecord holder, CancellationToken cancellationToken)
    {
        if (site.Lease is { } lease && lease.Holder == own.Name)
        {
            if (lease.TokenHash == holder.TokenHash && own.Lease is { } current && lease.Port == current.Port && lease.Addresses.All(current.Addresses.Contains))
            {
                await _store.RenewLeasesAsync([new(site.Name, lease.Id, _store.Clock.GetUtcNow() + _terms.Span)], cancellationToken).ConfigureAwait(false);
                return;
            }

            // The holder has moved, or comes from another machine.
            var moved = await FindSuccessorAsync(site, cancellationToken, excluding: default(SiteName)).ConfigureAwait(false);
            await DecideAsync(site.Name, latest => SiteMachine.Release(latest, lease.Id, moved), cancellationToken).ConfigureAwait(false);
        }
        else if (site.Lease is null && await FindSuccessorAsync(site, cancellationToken).ConfigureAwait(false) is { } successor)
        {
            await DecideAsync(site.Name, current => SiteMachine.StandIn(current, successor), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Lets others stand in where a peer that goes did so.</summary>
    private async ValueTask ReleaseHeldAsync(SiteName holder, CancellationToken cancellationToken)
    {
        foreach (var replica in await _store.ListHeldAsync(holder, cancellationToken).ConfigureAwait(false))
        {
            if (await _store.FindSiteAsync(replica.Site, cancellationToken).ConfigureAwait(false) is { Lease: { Holder: { } standing } lease } site && standing == holder)
            {
                var successor = await FindSuccessorAsync(site, cancellationToken).ConfigureAwait(false);
                await DecideAsync(site.Name, current => SiteMachine.Release(current, lease.Id, successor), cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private SourceView SourceOf(SiteRecord site, SiteLease lease, SiteRecord holder) => new()
    {
        Addresses = [.. lease.Addresses.Select(address => address.ToString())],
        Port = lease.Port,
        IsSecure = lease.IsSecure,
        Pass = _ticketKey.Sign(new SyncPass { Host = HostOf(site.Name), Holder = HostOf(holder.Name), Expires = (_store.Clock.GetUtcNow() + SyncPass.Lifetime).ToUnixTimeSeconds() }),
    };
}
