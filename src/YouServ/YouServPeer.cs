using System.Net;
using System.Net.NetworkInformation;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Hosting;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

/// <summary>
/// Serves a folder of this machine as its user's site, and keeps the site's name pointing here. The web server is the application's: <c>UseYouServPeer</c> puts the site into it.
/// </summary>
public sealed partial class YouServPeer : IAsyncDisposable
{
    private readonly PeerOptions _options;
    private readonly PeerMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CoordinatorClient _client;
    private readonly LeaseKeeper _keeper = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly long _start;
    private Task _keeping = Task.CompletedTask;
    private volatile PeerStatus _status = new(PeerState.SignedOut, "", null, [], "Nobody has signed in at this peer.");
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private (int Port, bool IsSecure) _listening;
    private bool _isDisposed;

    internal YouServPeer(PeerOptions options, PeerSite site, PeerMetrics metrics, TimeProvider clock, ILogger logger)
    {
        _options = options;
        Site = site;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _start = clock.GetTimestamp();
        _client = new CoordinatorClient([.. options.Coordinators], options.HttpHandler?.Invoke());
    }

    /// <summary>How the peer fares.</summary>
    public PeerStatus Status => _status;

    internal PeerSite Site { get; }

    /// <summary>Completes when the peer fares in a certain way, which it may do already.</summary>
    /// <param name="state">The state.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask WhenAsync(PeerState state, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            if (_status.State == state)
            {
                return;
            }

            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Signs the user in, whose site this peer serves from then on, also after a restart. What proves it is kept in the state folder; the password is not.</summary>
    /// <param name="userName">The user.</param>
    /// <param name="password">The password.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouServException">The coordinator refuses, cannot be reached, or knows the user as another than the one whose site the folder is.</exception>
    public async ValueTask SignInAsync(string userName, string password, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var about = await _client.GetAboutAsync(cancellationToken).ConfigureAwait(false);
            var answer = about.IsDone
                ? await _client.PostAsync(
                    "peer/sign-in",
                    null,
                    new SignInRequest { User = userName, Password = password, Device = _options.Device },
                    WireJson.Default.SignInRequest,
                    WireJson.Default.SignInReply,
                    cancellationToken).ConfigureAwait(false)
                : CoordinatorAnswer<SignInReply>.Silent(about.Detail);
            if (answer.Reply is not { } reply)
            {
                throw new YouServException($"{userName} is not signed in. {answer.Detail}");
            }

            Site.Adopt(new()
            {
                User = reply.User,
                DisplayName = reply.DisplayName,
                Site = reply.Site,
                Zone = about.Reply!.Zone,
                Token = reply.Token,
                TicketKey = about.Reply.TicketKey,
                Coordinator = about.Reply.PublicUrl ?? _client.Current,
            });
            _keeper.Begin(Now);
            Become(PeerState.Connecting);
        }
        finally
        {
            _turn.Release();
        }

        Wake();
    }

    /// <summary>Gives the name back, and forgets the sign-in. The folder, its rules and its log stay.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask SignOutAsync(CancellationToken cancellationToken = default)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Site.Identity is { } identity)
            {
                await ReleaseAsync(identity, cancellationToken).ConfigureAwait(false);
                await _client.PostAsync("peer/sign-out", identity.Token, new ReleaseRequest { LeaseId = "" }, WireJson.Default.ReleaseRequest, WireJson.Default.Problem, cancellationToken).ConfigureAwait(false);
            }

            Site.Forget();
            _keeper.End();
            Become(PeerState.SignedOut, "Nobody has signed in at this peer.");
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Says who may read a path of the site, in place of what was said of it before.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="cancellationToken">Stops waiting; the rule may hold nevertheless.</param>
    /// <exception cref="YouServException">There are too many rules.</exception>
    public ValueTask SetRuleAsync(AccessRule rule, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rule);
        cancellationToken.ThrowIfCancellationRequested();
        return Site.Access.SetAsync(rule);
    }

    /// <summary>The web server listens: the name can point at it.</summary>
    internal void Start(int port, bool isSecure)
    {
        _listening = (_options.Port ?? port, _options.IsSecure ?? isSecure);
        if (Site.Identity is not null)
        {
            _keeper.Begin(Now);
            Become(PeerState.Connecting);
        }

        NetworkChange.NetworkAddressChanged += OnAddressChanged;
        _keeping = Task.Run(KeepAsync);
    }

    /// <summary>Gives the name back and stops. The sign-in is kept.</summary>
    internal async Task StopAsync(CancellationToken cancellationToken)
    {
        NetworkChange.NetworkAddressChanged -= OnAddressChanged;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        if (Site.Identity is { } identity)
        {
            await ReleaseAsync(identity, cancellationToken).ConfigureAwait(false);
            _keeper.End();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        NetworkChange.NetworkAddressChanged -= OnAddressChanged;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _keeping.ConfigureAwait(false);
        await Site.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
        _wake.Dispose();
        _turn.Dispose();
        _stop.Dispose();
    }

    private TimeSpan Now => _clock.GetElapsedTime(_start);

    private async Task KeepAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var wait = _keeper.Next == LeaseStep.None ? Timeout.InfiniteTimeSpan : _keeper.Due - Now;
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
                _keeper.Failed(Now, RandomNumberGenerator.GetInt32(1000) / 1000.0);
            }
        }
    }

    private Task StepAsync(CancellationToken cancellationToken) => (_keeper.Next, Site.Identity) switch
    {
        (LeaseStep.Ask, { } identity) => AskAsync(identity, cancellationToken),
        (LeaseStep.Heartbeat, { } identity) => BeatAsync(identity, cancellationToken),
        _ => Task.CompletedTask,
    };

    private async Task AskAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        var request = new LeaseRequest { Addresses = [.. _options.Addresses.Select(address => address.ToString())], Port = _listening.Port, IsSecure = _listening.IsSecure };
        var answer = await _client.PostAsync("peer/lease", identity.Token, request, WireJson.Default.LeaseRequest, WireJson.Default.LeaseReply, cancellationToken).ConfigureAwait(false);
        switch (answer)
        {
            case { Reply: { } reply }:
                _keeper.Granted(reply.LeaseId, TimeSpan.FromSeconds(Math.Clamp(reply.HeartbeatSeconds, 0.1, 3600)), Now);
                Become(PeerState.Serving, addresses: [.. reply.Addresses.Select(IPAddress.Parse)]);
                break;
            case { Problem.Title: "signed-out" }:
                SignedOut(answer.Detail);
                break;
            case { IsSilent: false }:
                _keeper.Unreachable(Now);
                Become(PeerState.Unreachable, answer.Detail);
                break;
            default:
                Silent(answer.Detail);
                break;
        }
    }

    private async Task BeatAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        var request = new HeartbeatRequest { LeaseId = _keeper.LeaseId!, RevocationsSeen = Site.Visits.RevocationsSeen };
        var answer = await _client.PostAsync("peer/heartbeat", identity.Token, request, WireJson.Default.HeartbeatRequest, WireJson.Default.HeartbeatReply, cancellationToken).ConfigureAwait(false);
        switch (answer)
        {
            case { Reply: { } reply }:
                await Site.Visits.RevokeAsync(reply.Revoked, reply.RevocationsSeen).ConfigureAwait(false);
                Answered(reply);
                break;
            case { Problem.Title: "signed-out" }:
                SignedOut(answer.Detail);
                break;
            default:
                Silent(answer.Detail);
                break;
        }
    }

    private void Answered(HeartbeatReply reply)
    {
        var hasMoved = _options.Addresses.Count == 0
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
        _keeper.Failed(Now, RandomNumberGenerator.GetInt32(1000) / 1000.0);
        Become(_status.State is PeerState.Serving ? PeerState.Serving : PeerState.Connecting, detail, _status.Addresses);
    }

    private void SignedOut(string detail)
    {
        Site.Forget();
        _keeper.End();
        Become(PeerState.SignedOut, detail);
    }

    private async Task ReleaseAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        if (_keeper.LeaseId is { } lease)
        {
            await _client.PostAsync("peer/release", identity.Token, new ReleaseRequest { LeaseId = lease }, WireJson.Default.ReleaseRequest, WireJson.Default.Problem, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Become(PeerState state, string detail = "", IReadOnlyList<IPAddress>? addresses = null)
    {
        var host = Site.Identity?.Host ?? "";
        var url = host.Length == 0 ? null : new UriBuilder(_listening.IsSecure ? "https" : "http", host, _listening.Port).Uri;
        var isNews = _status.State != state;
        _status = new(state, host, url, state == PeerState.Serving ? addresses ?? [] : [], detail);
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

    [LoggerMessage(5111, LogLevel.Error, "The peer could not take care of its name, and tries again.")]
    private partial void LogFailure(Exception failure);
}
