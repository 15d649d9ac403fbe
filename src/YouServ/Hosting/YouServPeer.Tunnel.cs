using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Hosting;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServPeer
{
    private const int ProxiesTried = 3;

    /// <summary>How long connections that came through a proxy may go on when visitors come another way.</summary>
    private static readonly TimeSpan RetirementMax = TimeSpan.FromMinutes(5);

    private readonly ProxyPace _pace = new();
    private OwnTunnel? _tunnel;
    private OwnTunnel? _lost;
    private OwnTunnel? _leaving;
    private bool _hasLostProxy;

    /// <summary>When the next step towards a way for visitors is due, beside the lease's own.</summary>
    private TimeSpan WayDue => Volatile.Read(ref _leaving) is not null ? TimeSpan.Zero : _tunnel is null || _keeper.Next == LeaseStep.None ? TimeSpan.MaxValue : _pace.DirectDue;

    private static double Chance => RandomNumberGenerator.GetInt32(1000) / 1000.0;

    /// <summary>Finds out soon whether the peer can be reached without a proxy.</summary>
    internal void TryDirectly()
    {
        _pace.TryDirectly(Now);
        Wake();
    }

    /// <summary>Takes note that a tunnel has ended: another is looked for, and the direct way only where there is none.</summary>
    private void NoticeLostTunnel()
    {
        if (Interlocked.Exchange(ref _lost, null) is not { } lost || _keeper.Next == LeaseStep.None || Interlocked.CompareExchange(ref _tunnel, null, lost) != lost)
        {
            return;
        }

        LogTunnelLost(lost.Proxy.Host);
        _hasLostProxy = true;
        _keeper.Begin(_pace.Lost(lost.Proxy.Site, Now, Chance));
        Become(PeerState.Connecting, $"The tunnel to {lost.Proxy.Host} has ended.");
    }

    /// <summary>Takes the step that is due: away from a proxy that leaves, or to where no proxy is needed.</summary>
    /// <returns>Whether the lease is to be left alone for now.</returns>
    private async Task<bool> FindWayAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _leaving, null) is { } leaving)
        {
            _pace.Avoid(leaving.Proxy.Site);
            return ReferenceEquals(leaving, _tunnel) && await AskThroughProxyAsync(identity, cancellationToken).ConfigureAwait(false);
        }

        if (_tunnel is null || Now < _pace.DirectDue)
        {
            return false;
        }

        _pace.DirectFailed(Now, Chance); // Until it is known better.
        var answer = await AskDirectlyAsync(identity, cancellationToken).ConfigureAwait(false);
        if (answer.Reply is { } reply)
        {
            var carried = Interlocked.Exchange(ref _tunnel, null);
            await GrantedAsync(reply).ConfigureAwait(false);
            Retire(carried);
            return true;
        }

        return false;
    }

    /// <summary>Finds a peer that carries this one's connections, and asks that the name points there. The tunnel before, if there is one, serves until then.</summary>
    /// <returns>Whether it does.</returns>
    private async Task<bool> AskThroughProxyAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        var tried = new HashSet<string>(_pace.Avoided);
        var isPicky = tried.Count > 0;
        for (var tries = 0; tries < ProxiesTried;)
        {
            var answer = await _client.PostAsync(
                "peer/proxy", identity.Token, new ProxyWish { Excluding = [.. tried] }, WireJson.Default.ProxyWish, WireJson.Default.ProxyReply, cancellationToken).ConfigureAwait(false);
            if (answer.Reply is not { } proxy)
            {
                if (!isPicky || answer.IsSilent || _tunnel is not null)
                {
                    return false;
                }

                // Who has failed is better than nobody.
                isPicky = false;
                tried.ExceptWith(_pace.Avoided);
                _pace.Forgive();
                continue;
            }

            tries++;
            tried.Add(proxy.Site);
            if (await TunnelClient.ConnectAsync(proxy, Authorities(identity), _door.Enter, _clock, cancellationToken).ConfigureAwait(false) is not { } tunnel)
            {
                _pace.Avoid(proxy.Site);
                continue;
            }

            var fresh = new OwnTunnel(proxy, tunnel);
            fresh.Carried = CarriedAsync(fresh);
            var request = new LeaseRequest { Port = proxy.Port, IsSecure = proxy.IsSecure, Via = proxy.Site };
            var granted = await _client.PostAsync("peer/lease", identity.Token, request, WireJson.Default.LeaseRequest, WireJson.Default.LeaseReply, cancellationToken).ConfigureAwait(false);
            if (granted.Reply is { } reply)
            {
                var before = Interlocked.Exchange(ref _tunnel, fresh);
                _pace.Opened(Now, Chance);
                await GrantedAsync(reply).ConfigureAwait(false);
                LogCarried(proxy.Host);
                Retire(before);
                if (tunnel.Ended.IsCompleted)
                {
                    Volatile.Write(ref _lost, fresh);
                }

                return true;
            }

            _pace.Avoid(proxy.Site);
            tunnel.Close();
            await fresh.Carried.ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Takes visitors out of a tunnel; when it ends, or the proxy leaves, another way is looked for.</summary>
    private async Task CarriedAsync(OwnTunnel own)
    {
        var running = own.Tunnel.RunAsync();
        await own.Tunnel.Left.ConfigureAwait(false);
        if (ReferenceEquals(_tunnel, own) && !own.Tunnel.Ended.IsCompleted)
        {
            Volatile.Write(ref _leaving, own);
            Wake();
        }

        await running.ConfigureAwait(false);
        await own.Tunnel.DisposeAsync().ConfigureAwait(false);
        if (!_stop.IsCancellationRequested && ReferenceEquals(_tunnel, own))
        {
            Volatile.Write(ref _lost, own);
            Wake();
        }
    }

    /// <summary>Visitors come another way: the proxy is told, and ends the tunnel when those that came by it have gone.</summary>
    private void Retire(OwnTunnel? own)
    {
        if (own is not null)
        {
            own.Tunnel.Leave();
            _ = RetireAsync(own);
        }
    }

    private async Task RetireAsync(OwnTunnel own)
    {
        using var ending = _stop.Token.Register(own.Tunnel.Close);
        try
        {
            await own.Tunnel.Ended.WaitAsync(RetirementMax, _clock).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            own.Tunnel.Close();
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

    [LoggerMessage(5114, LogLevel.Information, "Visitors come through {Proxy}.")]
    private partial void LogCarried(string proxy);

    [LoggerMessage(5115, LogLevel.Warning, "The tunnel to {Proxy} has ended; the peer looks for another.")]
    private partial void LogTunnelLost(string proxy);

    /// <summary>The way by which visitors come.</summary>
    /// <param name="proxy">Who carries it.</param>
    /// <param name="tunnel">This end.</param>
    private sealed class OwnTunnel(ProxyReply proxy, Tunnel tunnel)
    {
        public ProxyReply Proxy => proxy;

        public Tunnel Tunnel => tunnel;

        /// <summary>Completes when it has ended.</summary>
        public Task Carried { get; set; } = Task.CompletedTask;
    }
}
