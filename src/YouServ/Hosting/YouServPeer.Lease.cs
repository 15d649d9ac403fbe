using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Hosting;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServPeer
{
    private TimeSpan Now => _clock.GetElapsedTime(_start);

    private async Task KeepAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                NoticeLostTunnel();
                var due = _keeper.Next == LeaseStep.None || WayDue < _keeper.Due ? WayDue : _keeper.Due;
                var wait = due == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : due - Now;
                if (wait > TimeSpan.Zero || wait == Timeout.InfiniteTimeSpan)
                {
                    await WaitAsync(wait).ConfigureAwait(false);
                    continue;
                }

                await _turn.WaitAsync(_stop.Token).ConfigureAwait(false);
                try
                {
                    await StepAsync(_stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    _turn.Release();
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
#pragma warning disable CA1031 // Whatever goes wrong, the peer tries again.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailure(failure);
                _keeper.Failed(Now, Chance);
            }
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (Site.Identity is not { } identity)
        {
            _leaving = null;
            return;
        }

        if (WayDue <= Now && await FindWayAsync(identity, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        switch (Now < _keeper.Due ? LeaseStep.None : _keeper.Next)
        {
            case LeaseStep.Ask:
                await AskAsync(identity, cancellationToken).ConfigureAwait(false);
                break;
            case LeaseStep.Heartbeat:
                await BeatAsync(identity, cancellationToken).ConfigureAwait(false);
                break;
        }
    }

    private async Task AskAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        _door.Left.Forget(); // The coordinator comes as a visitor, and must find this peer.
        await RenewCertificateAsync(identity, cancellationToken).ConfigureAwait(false);
        var hasAskedProxies = _hasLostProxy;
        _hasLostProxy = false;
        if (hasAskedProxies && await AskThroughProxyAsync(identity, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var answer = await AskDirectlyAsync(identity, cancellationToken).ConfigureAwait(false);
        switch (answer)
        {
            case { Reply: { } reply }:
                var carried = Interlocked.Exchange(ref _tunnel, null);
                await GrantedAsync(reply).ConfigureAwait(false);
                Retire(carried);
                break;
            case { Problem.Title: "unreachable" } when _options.UsesProxy && !hasAskedProxies && await AskThroughProxyAsync(identity, cancellationToken).ConfigureAwait(false):
                break;
            case { Problem.Title: "signed-out" }:
                await SignedOutAsync(answer.Detail).ConfigureAwait(false);
                break;
            case { IsSilent: false }:
                _keeper.Unreachable(_options.UsesProxy ? _pace.Failed(Now, Chance) : null, Now);
                Become(PeerState.Unreachable, answer.Detail);
                break;
            default:
                Silent(answer.Detail);
                break;
        }
    }

    private Task<CoordinatorAnswer<LeaseReply>> AskDirectlyAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        var request = new LeaseRequest { Addresses = [.. _options.Addresses.Select(address => address.ToString())], Port = _listening.Port, IsSecure = _listening.IsSecure, IsProxy = _options.IsProxy };
        return _client.PostAsync("peer/lease", identity.Token, request, WireJson.Default.LeaseRequest, WireJson.Default.LeaseReply, cancellationToken);
    }

    private async Task GrantedAsync(LeaseReply reply)
    {
        if (reply.WasHeld)
        {
            // Visitors' cookies were shown to the machine that stood in, and must not open anything here.
            await Site.Visits.EndAllAsync().ConfigureAwait(false);
        }

        Site.AloneUntil = null;

        _keeper.Granted(reply.LeaseId, TimeSpan.FromSeconds(Math.Clamp(reply.HeartbeatSeconds, 0.1, 3600)), Now);
        Become(PeerState.Serving, addresses: [.. reply.Addresses.Select(IPAddress.Parse)]);
    }

    private async Task BeatAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        await RenewCertificateAsync(identity, cancellationToken).ConfigureAwait(false);
        var request = new HeartbeatRequest { LeaseId = _keeper.LeaseId!, RevocationsSeen = RevocationsSeen, Held = _replicas.Versions };
        var answer = await _client.PostAsync("peer/heartbeat", identity.Token, request, WireJson.Default.HeartbeatRequest, WireJson.Default.HeartbeatReply, cancellationToken).ConfigureAwait(false);
        switch (answer)
        {
            case { Reply: { } reply }:
                await RevokeAsync(reply).ConfigureAwait(false);
                if (reply.Held is { } held)
                {
                    await KeepReplicasAsync(identity, held, cancellationToken).ConfigureAwait(false);
                }

                await Site.NoteReplicasAsync(reply.HasReplicas).ConfigureAwait(false);
                Site.AloneUntil = !reply.HasReplicas ? null : reply.IsRenewed ? _clock.GetUtcNow() + (2 * TimeSpan.FromSeconds(Math.Clamp(reply.HeartbeatSeconds, 0.1, 3600))) : _clock.GetUtcNow();
                Answered(reply);
                if (reply.IsReplaced)
                {
                    await _replicas.CloseAllAsync().ConfigureAwait(false); // The user's other machine has copies of its own.
                }

                break;
            case { Problem.Title: "signed-out" }:
                await SignedOutAsync(answer.Detail).ConfigureAwait(false);
                break;
            default:
                Silent(answer.Detail);
                break;
        }
    }

    /// <summary>Gets a certificate if it is time for one. Where that fails, the old one serves on, and the next step tries again.</summary>
    private async Task RenewCertificateAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        if (!_listening.IsSecure || _options.HasOwnCertificate || !Site.Certificate.IsDue([identity.Host, .. _replicas.Hosts], _clock.GetUtcNow()))
        {
            return;
        }

        var wish = new CertificateWish { Request = Site.Certificate.CreateRequest() };
        var answer = await _client.PostAsync("peer/certificate", identity.Token, wish, WireJson.Default.CertificateWish, WireJson.Default.CertificateReply, cancellationToken).ConfigureAwait(false);
        if (answer.Reply is not { } reply)
        {
            LogNoCertificate(answer.Detail);
            return;
        }

        try
        {
            Site.Certificate.Adopt(reply.Certificate);
            LogCertificate(Site.Certificate.Current!.NotAfter);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            // A full disk must not cost the peer its name as well.
            LogNoCertificate(failure.Message);
        }
    }

    private void Answered(HeartbeatReply reply)
    {
        var hasMoved = _options.Addresses.Count == 0
            && _tunnel is null
            && IPAddress.TryParse(reply.ObservedAddress, out var observed)
            && !_status.Addresses.Contains(observed);
        if (reply.IsRenewed && !hasMoved)
        {
            _keeper.Renewed(TimeSpan.FromSeconds(Math.Clamp(reply.HeartbeatSeconds, 0.1, 3600)), Now);
            Become(PeerState.Serving, addresses: _status.Addresses);
        }
        else
        {
            _keeper.Lost(reply.IsReplaced, Now);
            Become(reply.IsReplaced ? PeerState.Replaced : PeerState.Connecting, reply.IsReplaced ? "Another machine of yours serves the site. Sign in here again to serve it from this one." : "");
        }
    }

    /// <summary>The name may point here for a while yet; what the peer serves, it goes on to serve.</summary>
    private void Silent(string detail)
    {
        _keeper.Failed(Now, Chance);
        Become(_status.State is PeerState.Serving ? PeerState.Serving : PeerState.Connecting, detail, _status.Addresses);
    }

    private async Task SignedOutAsync(string detail)
    {
        await _replicas.CloseAllAsync().ConfigureAwait(false);
        Site.Forget();
        _keeper.End();
        Become(PeerState.SignedOut, detail);
    }

    private async Task ReleaseAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        if (_keeper.LeaseId is { } lease)
        {
            var answer = await _client.PostAsync(
                "peer/release", identity.Token, new ReleaseRequest { LeaseId = lease }, WireJson.Default.ReleaseRequest, WireJson.Default.ReleaseReply, cancellationToken).ConfigureAwait(false);
            _door.Left.Lead(identity.Host, answer.Reply?.Addresses ?? [], answer.Reply?.Port ?? 0);
        }
    }

    private void Become(PeerState state, string detail = "", IReadOnlyList<IPAddress>? addresses = null)
    {
        var host = Site.Identity?.Host ?? "";
        var (port, isSecure) = _tunnel is { } tunnel ? (tunnel.Proxy.Port, tunnel.Proxy.IsSecure) : _listening;
        var url = host.Length == 0 ? null : new UriBuilder(isSecure ? "https" : "http", host, port).Uri;
        var isNews = _status.State != state;
        _status = new(state, host, url, state == PeerState.Serving ? addresses ?? [] : [], detail) { ProxyHost = _tunnel?.Proxy.Host ?? "" };
        if (isNews)
        {
            _metrics.Become(state);
            LogState(state, detail);
        }

        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private async Task WaitAsync(TimeSpan span)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var wake = _wake.WaitAsync(waiting.Token);
        await Task.WhenAny(wake, Task.Delay(span, _clock, waiting.Token)).ConfigureAwait(false);
        await waiting.CancelAsync().ConfigureAwait(false);
        await wake.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Wake()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
        }
    }

    private void OnAddressChanged(object? sender, EventArgs change)
    {
        if (_options.Addresses.Count == 0 && _turn.Wait(0))
        {
            try
            {
                if (Site.Identity is not null && _keeper.Next != LeaseStep.None)
                {
                    _keeper.Begin(Now);
                }
            }
            finally
            {
                _turn.Release();
            }

            Wake();
        }
    }

    [LoggerMessage(5110, LogLevel.Information, "The peer's state is {State}. {Detail}")]
    private partial void LogState(PeerState state, string detail);

    [LoggerMessage(5112, LogLevel.Information, "The peer has a certificate until {End}.")]
    private partial void LogCertificate(DateTime end);

    [LoggerMessage(5113, LogLevel.Warning, "The peer got no certificate, and tries again. {Detail}")]
    private partial void LogNoCertificate(string detail);

    [LoggerMessage(5111, LogLevel.Error, "The peer could not take care of its name, and tries again.")]
    private partial void LogFailure(Exception failure);
}
