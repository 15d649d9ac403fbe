using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServCoordinator
{
    private const int ProxiesRead = 64;

    /// <summary>Finds a peer that carries the connections of a site's visitors: one of those with the least to carry.</summary>
    /// <param name="peer">The session of the peer that nobody can reach.</param>
    /// <param name="excluding">The sites whose peers it has tried in vain.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What to connect to; null if nobody is willing.</returns>
    internal async ValueTask<ProxyReply?> FindProxyAsync(SessionRecord peer, IReadOnlyCollection<string> excluding, CancellationToken cancellationToken)
    {
        var site = await SiteOfAsync(peer, cancellationToken).ConfigureAwait(false);
        var proxies = await _store.ReadProxiesAsync(ProxiesRead, cancellationToken).ConfigureAwait(false);
        if (ProxyChoice.Choose(proxies, site.Name, excluding, Random.Shared.Next()) is not { Lease: { } lease } proxy)
        {
            return null;
        }

        var host = HostOf(proxy.Name);
        return new()
        {
            Site = proxy.Name.Value,
            Host = host,
            Addresses = [.. lease.Addresses.Select(address => address.ToString())],
            Port = lease.Port,
            IsSecure = lease.IsSecure,
            Pass = _ticketKey.Sign(new TunnelPass { Host = HostOf(site.Name), Proxy = host, Expires = (_store.Clock.GetUtcNow() + TunnelPass.Lifetime).ToUnixTimeSeconds() }),
        };
    }

    /// <summary>
    /// Lets the name of a user's site point at the peer that carries its connections, once a visit through that one has shown that this peer answers. When this completes, DNS says so.
    /// </summary>
    /// <param name="peer">The session of the peer that nobody can reach.</param>
    /// <param name="via">The site whose peer carries its connections.</param>
    /// <param name="cancellationToken">Stops waiting; the lease may be granted nevertheless.</param>
    public async ValueTask<LeaseResult> GrantLeaseThroughAsync(SessionRecord peer, SiteName via, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(peer);
        using var activity = YouServTelemetry.Source.StartActivity(YouServTelemetry.Prefix + "grant_lease");
        var site = await SiteOfAsync(peer, cancellationToken).ConfigureAwait(false);
        var result = via != site.Name && await _store.FindSiteAsync(via, cancellationToken).ConfigureAwait(false) is { Lease: { IsProxy: true, Via: null } proxy }
            ? await TryGrantAsync(peer, site, proxy.Addresses, proxy.Port, proxy.IsSecure, isProxy: false, via, cancellationToken).ConfigureAwait(false)
            : new LeaseResult.Refused($"{HostOf(via)} does not carry the connections of others now.");
        _metrics.LeaseRequest(result);
        return result;
    }
}
