using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Hosting;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServPeer
{
    private const int ProxiesTried = 3;

    private OwnTunnel? _tunnel;
    private bool _hasLostTunnel;

    /// <summary>Finds a peer that carries this one's connections, and asks that the name points there.</summary>
    /// <returns>Whether it does.</returns>
    private async Task<bool> AskThroughProxyAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        await EndTunnelAsync().ConfigureAwait(false);
        var tried = new List<string>();
        while (tried.Count < ProxiesTried)
        {
            var answer = await _client.PostAsync(
                "peer/proxy", identity.Token, new ProxyWish { Excluding = tried }, WireJson.Default.ProxyWish, WireJson.Default.ProxyReply, cancellationToken).ConfigureAwait(false);
            if (answer.Reply is not { } proxy)
            {
                return false;
            }

            tried.Add(proxy.Site);
            if (await TunnelClient.ConnectAsync(proxy, Authorities(identity), _door.Enter, _clock, cancellationToken).ConfigureAwait(false) is not { } tunnel)
            {
                continue;
            }

            _tunnel = new(proxy, tunnel, CarriedAsync(tunnel));
            var request = new LeaseRequest { Port = proxy.Port, IsSecure = proxy.IsSecure, Via = proxy.Site };
            var granted = await _client.PostAsync("peer/lease", identity.Token, request, WireJson.Default.LeaseRequest, WireJson.Default.LeaseReply, cancellationToken).ConfigureAwait(false);
            if (granted.Reply is { } reply)
            {
                Granted(reply);
                return true;
            }

            await EndTunnelAsync().ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Takes visitors out of a tunnel; when it ends, another way is looked for at once.</summary>
    private async Task CarriedAsync(Tunnel tunnel)
    {
        await tunnel.RunAsync().ConfigureAwait(false);
        await tunnel.DisposeAsync().ConfigureAwait(false);
        if (!_stop.IsCancellationRequested && ReferenceEquals(_tunnel?.Tunnel, tunnel))
        {
            Volatile.Write(ref _hasLostTunnel, true);
            Wake();
        }
    }

    private async Task EndTunnelAsync()
    {
        if (Interlocked.Exchange(ref _tunnel, null) is { } ended)
        {
            ended.Tunnel.Close();
            await ended.Carried.ConfigureAwait(false);
        }
    }

    /// <summary>The zone's own authority, and those that the user trusts.</summary>
    private X509Certificate2Collection Authorities(PeerIdentity identity)
    {
        var authorities = new X509Certificate2Collection(_options.TrustedAuthorities);
        if (identity.Authority.Length > 0)
        {
            authorities.ImportFromPem(identity.Authority);
        }

        return authorities;
    }

    /// <summary>The way by which visitors come.</summary>
    /// <param name="Proxy">Who carries it.</param>
    /// <param name="Tunnel">This end.</param>
    /// <param name="Carried">Completes when it has ended.</param>
    private sealed record OwnTunnel(ProxyReply Proxy, Tunnel Tunnel, Task Carried);
}
