using System.Net.NetworkInformation;
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
    private readonly ServedSite _served;
    private readonly PeerMetrics _metrics;
    private readonly FrontDoor _door;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HttpMessageHandler _toCoordinators;
    private readonly CoordinatorClient _client;
    private readonly ReplicaDesk _replicas;
    private readonly CopySource _source;
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

    internal YouServPeer(
        PeerOptions options, PeerSite site, ServedSite served, CopySource source, FrontDoor door, IReadOnlyList<IYouServPlugin> pluginsAtCopies, PeerMetrics metrics, TimeProvider clock, ILogger logger)
    {
        _options = options;
        Site = site;
        _served = served;
        _source = source;
        _door = door;
        _metrics = metrics;
        _clock = clock;
        _logger = logger;
        _start = clock.GetTimestamp();
        _toCoordinators = options.HttpHandler?.Invoke() ?? CoordinatorClient.NewHandler(options.TrustedAuthorities);
        _client = new CoordinatorClient([.. options.Coordinators], CreateCoordinatorHandler());
        _replicas = new ReplicaDesk(options, site, _client, pluginsAtCopies, metrics, clock, logger);
    }

    /// <summary>How the peer fares.</summary>
    public PeerStatus Status => _status;

    internal PeerSite Site { get; }

    /// <summary>Whether the site of a host was here until a moment ago, and is elsewhere now.</summary>
    internal bool HasLeft(string host) => _door.Left.Knows(host);

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
                Authority = about.Reply.Authority,
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

            await EndTunnelAsync().ConfigureAwait(false);
            await _replicas.CloseAllAsync().ConfigureAwait(false);
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
        _keeping = Task.Run(async () =>
        {
            await OpenReplicasAsync().ConfigureAwait(false);
            await KeepAsync().ConfigureAwait(false);
        });
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

        await EndTunnelAsync().ConfigureAwait(false);
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
        await EndTunnelAsync().ConfigureAwait(false);
        await _replicas.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
        await Site.DisposeAsync().ConfigureAwait(false);
        _client.Dispose();
        _toCoordinators.Dispose();
        _wake.Dispose();
        _turn.Dispose();
        _stop.Dispose();
    }
}
