using P2P.YouServ.Hosting;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServPeer
{
    /// <summary>
    /// Invites somebody's peer to keep a copy of this site, and to serve it while this peer is away. The copy has all files, whoever may read them, and the rules: invite whom you would give a key to
    /// your office.
    /// </summary>
    /// <param name="holder">The site of the one who is invited, and then has to accept.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouServException">The coordinator refuses or cannot be reached, or nobody has signed in.</exception>
    public ValueTask InviteHolderAsync(SiteName holder, CancellationToken cancellationToken = default) => AskAsync("invite", holder, cancellationToken);

    /// <summary>Takes an invitation back, or ends a replica: the copy is deleted when its holder's peer next hears from the coordinator.</summary>
    /// <inheritdoc cref="InviteHolderAsync"/>
    public ValueTask DismissHolderAsync(SiteName holder, CancellationToken cancellationToken = default) => AskAsync("dismiss", holder, cancellationToken);

    /// <summary>Accepts an invitation: this peer keeps a copy of the site from now on, and serves it while the owner's peer is away.</summary>
    /// <param name="site">The site of the one who has invited this peer.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouServException">The coordinator refuses or cannot be reached, or nobody has signed in.</exception>
    public async ValueTask AcceptCopyAsync(SiteName site, CancellationToken cancellationToken = default)
    {
        await AskAsync("accept", site, cancellationToken).ConfigureAwait(false);
        await FollowReplicasAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps no copy of a site any more: it is deleted.</summary>
    /// <inheritdoc cref="AcceptCopyAsync"/>
    public async ValueTask DropCopyAsync(SiteName site, CancellationToken cancellationToken = default)
    {
        await AskAsync("leave", site, cancellationToken).ConfigureAwait(false);
        await FollowReplicasAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells who keeps copies of this site, and of which sites this peer keeps copies.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouServException">The coordinator cannot be reached, or nobody has signed in.</exception>
    public async ValueTask<ReplicationStatus> GetReplicationAsync(CancellationToken cancellationToken = default)
    {
        var reply = await ReadReplicasAsync(cancellationToken).ConfigureAwait(false);
        return new()
        {
            Version = _source.State?.Version,
            Replicas =
            [
                .. reply.Own.Select(replica => new ReplicaStatus { Holder = SiteName.Parse(replica.Holder), IsAccepted = replica.IsAccepted, Version = replica.Version, ReportedAt = replica.ReportedAt }),
            ],
            Copies = [.. reply.Held.Select(StatusOf)],
        };
    }

    /// <summary>Looks at the folder now, as it is looked at from time to time.</summary>
    internal async ValueTask<long> LookAsync(CancellationToken cancellationToken = default) => (await _source.LookAsync(cancellationToken).ConfigureAwait(false)).Version;

    /// <summary>Finds the copy that answers for a host.</summary>
    internal Replica? FindReplica(string host) => _replicas.Find(host);

    private CopyStatus StatusOf(HeldView held)
    {
        var site = SiteName.Parse(held.Site);
        var replica = _replicas.All.FirstOrDefault(replica => replica.Site == site);
        return new()
        {
            Site = site,
            DisplayName = held.DisplayName,
            IsAccepted = held.IsAccepted,
            Version = replica?.Copy.State?.Version ?? 0,
            CheckedAt = replica?.CheckedAt,
            Detail = replica?.Detail ?? "",
        };
    }

    private PeerIdentity SignedIn => Site.Identity ?? throw new YouServException("Nobody has signed in at this peer.");

    private async ValueTask AskAsync(string path, SiteName site, CancellationToken cancellationToken)
    {
        var answer = await _client.PostAsync(
            $"peer/replicas/{path}", SignedIn.Token, new ReplicaWish { Site = site.Value }, WireJson.Default.ReplicaWish, WireJson.Default.Problem, cancellationToken).ConfigureAwait(false);
        if (!answer.IsDone)
        {
            throw new YouServException(answer.Detail);
        }
    }

    private async ValueTask<ReplicasReply> ReadReplicasAsync(CancellationToken cancellationToken)
    {
        var identity = SignedIn;
        var answer = await _client.PostAsync(
            "peer/replicas", identity.Token, new ReplicaQuery(), WireJson.Default.ReplicaQuery, WireJson.Default.ReplicasReply, cancellationToken).ConfigureAwait(false);
        return answer.Reply ?? throw new YouServException(answer.Detail);
    }

    /// <summary>Opens and closes copies at once, as the coordinator says.</summary>
    private async ValueTask FollowReplicasAsync(CancellationToken cancellationToken)
    {
        var reply = await ReadReplicasAsync(cancellationToken).ConfigureAwait(false);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Site.Identity is { } identity)
            {
                await KeepReplicasAsync(identity, [.. reply.Held.Where(held => held.IsAccepted).Select(held => held.Site)], cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>A copy that cannot be opened must not keep the site from its name.</summary>
    private async Task OpenReplicasAsync()
    {
        try
        {
            await _replicas.OpenAllAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is YouServException or IOException or UnauthorizedAccessException)
        {
            LogFailure(failure);
        }
    }

    private async Task KeepReplicasAsync(PeerIdentity identity, IReadOnlyList<string> sites, CancellationToken cancellationToken)
    {
        if (await _replicas.KeepAsync(sites).ConfigureAwait(false))
        {
            // Visitors of a copy come by HTTPS as well.
            await RenewCertificateAsync(identity, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>What the site and all copies know: one that was closed for a while knows less.</summary>
    private long RevocationsSeen => _replicas.All.Select(replica => replica.Copy.Site.Visits.RevocationsSeen).Append(Site.Visits.RevocationsSeen).Min();

    /// <summary>Whoever has signed out is unknown to copies as well.</summary>
    private async Task RevokeAsync(HeartbeatReply reply)
    {
        await Site.Visits.RevokeAsync(reply.Revoked, reply.RevocationsSeen, _clock.GetUtcNow()).ConfigureAwait(false);
        foreach (var replica in _replicas.All)
        {
            await replica.Copy.Site.Visits.RevokeAsync(reply.Revoked, reply.RevocationsSeen, _clock.GetUtcNow()).ConfigureAwait(false);
        }
    }
}
