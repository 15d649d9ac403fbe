using System.Diagnostics;
using System.Net;
using P2P.YouServ.Hosting;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServCoordinator
{
    /// <summary>
    /// Lets the name of a user's site point at a peer, once a connection back has shown that the peer is there. When this completes, DNS says so.
    /// </summary>
    /// <param name="peer">The peer's session.</param>
    /// <param name="addresses">Where the peer says that it is: one address of IPv4, one of IPv6, or both; empty for <paramref name="observed"/>.</param>
    /// <param name="port">At which port.</param>
    /// <param name="isSecure">Whether it speaks HTTPS there.</param>
    /// <param name="observed">Where its request comes from.</param>
    /// <param name="isProxy">Whether it carries the connections of peers that nobody else can reach.</param>
    /// <param name="cancellationToken">Stops waiting; the lease may be granted nevertheless.</param>
    public async ValueTask<LeaseResult> GrantLeaseAsync(
        SessionRecord peer,
        IReadOnlyList<IPAddress> addresses,
        int port,
        bool isSecure,
        IPAddress observed,
        bool isProxy = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(addresses);
        ArgumentNullException.ThrowIfNull(observed);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed), this);
        using var activity = YouServTelemetry.Source.StartActivity(YouServTelemetry.Prefix + "grant_lease");
        var chosen = _reach.Choose([.. addresses.Select(ReachPolicy.Plain)], ReachPolicy.Plain(observed), port, out var refusal);
        var result = chosen.Count == 0
            ? new LeaseResult.Refused(refusal)
            : await TryGrantAsync(
                peer, await SiteOfAsync(peer, cancellationToken).ConfigureAwait(false), chosen, port, isSecure, isProxy, via: null, cancellationToken).ConfigureAwait(false);
        _metrics.LeaseRequest(result);
        return result;
    }

    private async ValueTask<LeaseResult> TryGrantAsync(
        SessionRecord peer,
        SiteRecord site,
        IReadOnlyList<IPAddress> chosen,
        int port,
        bool isSecure,
        bool isProxy,
        SiteName? via,
        CancellationToken cancellationToken)
    {
        var reached = await _turns.RunAsync(
            site.Name,
            () => Task.WhenAll(chosen.Select(address => ProbeAsync(site.Name, address, port, isSecure, peer.TokenHash, cancellationToken).AsTask())),
            cancellationToken).ConfigureAwait(false);
        if (!reached.Contains(true))
        {
            LogUnreachable(site.Name);
            return new LeaseResult.Unreachable(chosen);
        }

        var now = _store.Clock.GetUtcNow();
        var lease = new SiteLease
        {
            Id = Token.CreateId(),
            Addresses = [.. chosen.Where((_, index) => reached[index])],
            Port = port,
            IsSecure = isSecure,
            TokenHash = peer.TokenHash,
            Device = peer.Device,
            IsProxy = isProxy,
            Via = via,
            GrantedAt = now,
            ExpiresAt = now + _terms.Span,
        };
        var wasHeld = false;
        var granted = await DecideAsync(
            site.Name,
            current =>
            {
                wasHeld = current.WasHeld;
                return SiteMachine.Grant(current, lease);
            },
            cancellationToken).ConfigureAwait(false);
        LogGranted(site.Name, lease.Id);
        return new LeaseResult.Granted(granted ?? throw new YouServException($"The site {site.Name} has gone while its lease was granted.")) { WasHeld = wasHeld };
    }

    /// <summary>Gives a peer more time.</summary>
    /// <param name="peer">The peer's session.</param>
    /// <param name="leaseId">The lease.</param>
    /// <param name="cancellationToken">Stops waiting; the lease may be renewed nevertheless.</param>
    /// <returns>Whether the lease is still the site's. If not, the peer asks for one anew.</returns>
    public async ValueTask<bool> RenewLeaseAsync(SessionRecord peer, string leaseId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(leaseId);
        var site = await SiteOfAsync(peer, cancellationToken).ConfigureAwait(false);
        var isRenewed = (await _store.RenewLeasesAsync([new(site.Name, leaseId, _store.Clock.GetUtcNow() + _terms.Span)], cancellationToken).ConfigureAwait(false))[0];
        _metrics.Heartbeat(isRenewed);
        return isRenewed;
    }

    /// <summary>Takes the name from a peer that goes, and gives it to the most current replica that can serve. When this completes, DNS says so.</summary>
    /// <param name="peer">The peer's session.</param>
    /// <param name="leaseId">The lease.</param>
    /// <param name="cancellationToken">Stops waiting; the lease may be released nevertheless.</param>
    /// <returns>Whether the lease was still the site's.</returns>
    public async ValueTask<bool> ReleaseLeaseAsync(SessionRecord peer, string leaseId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(leaseId);
        var site = await SiteOfAsync(peer, cancellationToken).ConfigureAwait(false);
        var successor = site.Lease?.Id == leaseId ? await FindSuccessorAsync(site, cancellationToken).ConfigureAwait(false) : null;
        var isReleased = await DecideAsync(site.Name, current => SiteMachine.Release(current, leaseId, successor), cancellationToken).ConfigureAwait(false) is not null;
        if (isReleased)
        {
            _metrics.LeaseReleased();
            await ReleaseHeldAsync(site.Name, cancellationToken).ConfigureAwait(false);
        }

        return isReleased;
    }

    /// <summary>Finds out whether a peer can be reached at an address, as a visitor.</summary>
    internal async ValueTask<bool> ProbeAsync(SiteName site, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken)
    {
        using var activity = YouServTelemetry.Source.StartActivity(YouServTelemetry.Prefix + "probe", ActivityKind.Client);
        var isReached = await _probe.IsReachableAsync(HostOf(site), address, port, isSecure, tokenHash, cancellationToken).ConfigureAwait(false);
        activity?.SetStatus(isReached ? ActivityStatusCode.Ok : ActivityStatusCode.Error);
        _metrics.Probe(isReached);
        return isReached;
    }

    /// <summary>The site of a peer is its user's, whatever the peer says.</summary>
    internal ValueTask<SiteRecord> SiteOfAsync(SessionRecord peer, CancellationToken cancellationToken) =>
        _store.GetOrAddSiteAsync(peer.User, peer.DisplayName, SiteNaming.Candidates(peer.User, Options.ReservedNames), cancellationToken);

    /// <summary>Carries a decision out, and makes it anew where another one came first.</summary>
    private async ValueTask<SiteRecord?> DecideAsync(SiteName name, Func<SiteRecord, SiteRecord?> decide, CancellationToken cancellationToken)
    {
        while (await _store.FindSiteAsync(name, cancellationToken).ConfigureAwait(false) is { } site && decide(site) is { } next)
        {
            if (await _store.TryReplaceSiteAsync(next, cancellationToken: cancellationToken).ConfigureAwait(false) is { } replaced)
            {
                await _publisher.PublishedAsync(replaced.Version, cancellationToken).ConfigureAwait(false);
                return replaced;
            }
        }

        return null;
    }
}
