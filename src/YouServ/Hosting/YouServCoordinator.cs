using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.YouServ.Certificates;
using P2P.YouServ.Hosting;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

/// <summary>
/// Signs people in, gives each a site under a name, and lets the name point at the peer that serves the site now. No content passes it. Several may share a store; each then
/// answers for all.
/// </summary>
public sealed partial class YouServCoordinator : IAsyncDisposable
{
    private readonly ICoordinatorStore _store;
    private readonly IPeerProbe _probe;
    private readonly HttpPeerProbe? _ownProbe;
    private readonly IReadOnlyList<IAuthenticator> _authenticators;
    private readonly ILogger _logger;
    private readonly CoordinatorMetrics _metrics;
    private readonly LeaseTerms _terms;
    private readonly ReachPolicy _reach;
    private readonly SiteTurns _turns = new();
    private readonly TicketKey _ticketKey;
    private readonly ProofReader _proofs;
    private readonly CertificateAuthority _authority;
    private readonly SitePublisher _publisher;
    private readonly SiteWatch _watch;
    private readonly SignInDesk _signIns;
    private bool _isDisposed;

    private YouServCoordinator(CoordinatorOptions options, CoordinatorParts parts, TicketKey ticketKey, CertificateAuthority authority)
    {
        Options = options;
        _store = parts.Store;
        _probe = parts.Probe ?? (_ownProbe = new HttpPeerProbe());
        _authenticators = parts.Authenticators.Count > 0 ? [.. parts.Authenticators] : [new LocalAccounts(parts.Store)];
        _logger = (parts.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<YouServCoordinator>();
        _metrics = new CoordinatorMetrics(parts.MeterFactory);
        _terms = new LeaseTerms(options.HeartbeatInterval);
        _reach = new ReachPolicy([.. options.PeerNetworks]);
        _ticketKey = ticketKey;
        _proofs = new ProofReader(ticketKey);
        _authority = authority;
        _signIns = new SignInDesk(_authenticators, _store.Clock, _logger);
        _publisher = new SitePublisher(_store, parts.Dns, options, _metrics, _logger);
        _watch = new SiteWatch(_store, this, _terms, options, _publisher, _metrics, _logger);
    }

    internal CoordinatorOptions Options { get; }

    internal ISessionStore Sessions => _store;

    internal TimeProvider Clock => _store.Clock;

    internal TimeSpan HeartbeatInterval => _terms.HeartbeatInterval;

    internal SiteWatch Watch => _watch;

    internal byte[] TicketPublicKey => _ticketKey.PublicKey;

    /// <summary>Starts a coordinator. When this completes, DNS says what the store says.</summary>
    /// <param name="options">How it works.</param>
    /// <param name="parts">What it stands on. The coordinator disposes of none of it.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="YouServException">An option is out of its range, or DNS cannot be told where sites are. What else store or publisher throw comes through.</exception>
    public static async Task<YouServCoordinator> StartAsync(CoordinatorOptions options, CoordinatorParts parts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(parts);
        options.Validate();
        var secret = await parts.Store.GetOrAddSecretAsync("ticket key", TicketKey.CreatePrivate, cancellationToken).ConfigureAwait(false);
        var authority = await parts.Store.GetOrAddSecretAsync(
            $"authority of {options.Zone}", () => CertificateAuthority.Create(options.Zone, parts.Store.Clock.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        var coordinator = new YouServCoordinator(options, parts, TicketKey.FromPrivate(secret), CertificateAuthority.Load(authority));
        try
        {
            await coordinator._publisher.StartAsync(cancellationToken).ConfigureAwait(false);
            coordinator._watch.Start();
            return coordinator;
        }
        catch
        {
            await coordinator.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Names the host of a site.</summary>
    /// <param name="site">The site.</param>
    public string HostOf(SiteName site) => $"{site}.{Options.Zone}";

    /// <summary>Signs a user in, who gets a site at the first time.</summary>
    /// <param name="userName">What the person typed.</param>
    /// <param name="password">The password.</param>
    /// <param name="kind">What the session is for.</param>
    /// <param name="device">What the person calls the machine; cut after 100 characters.</param>
    /// <param name="from">Where the attempt comes from, for the limits on guessing.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<SignInResult> SignInAsync(
        string userName, string password, SessionKind kind, string device, IPAddress from, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(from);
        using var activity = YouServTelemetry.Source.StartActivity(YouServTelemetry.Prefix + "sign_in");
        var result = await TrySignInAsync(userName, password, kind, device, from, cancellationToken).ConfigureAwait(false);
        _metrics.SignIn(result);
        return result;
    }

    private async ValueTask<SignInResult> TrySignInAsync(
        string userName, string password, SessionKind kind, string device, IPAddress from, CancellationToken cancellationToken)
    {
        var (accepted, refusal) = await _signIns.AuthenticateAsync(userName, password, ReachPolicy.Place(from), cancellationToken).ConfigureAwait(false);
        if (accepted is null)
        {
            return refusal!;
        }

        var site = await _store.GetOrAddSiteAsync(accepted.User, accepted.DisplayName, SiteNaming.Candidates(accepted.User, Options.ReservedNames), cancellationToken).ConfigureAwait(false);
        var token = Token.Create();
        var now = _store.Clock.GetUtcNow();
        var session = new SessionRecord
        {
            Id = Token.CreateId(),
            TokenHash = Token.Hash(token),
            Kind = kind,
            User = accepted.User,
            DisplayName = accepted.DisplayName,
            Groups = [.. accepted.Groups.Select(group => group.ToLowerInvariant()).Distinct()],
            Device = device[..Math.Min(device.Length, 100)],
            CreatedAt = now,
            ExpiresAt = now + (kind == SessionKind.Peer ? Options.PeerSessionLifetime : Options.BrowserSessionLifetime),
        };
        await _store.AddSessionAsync(session, cancellationToken).ConfigureAwait(false);
        LogSignedIn(session.Id, kind, site.Name);
        return new SignInResult.SignedIn(token, session, site);
    }

    /// <summary>Finds the session that a token proves.</summary>
    /// <param name="token">The token.</param>
    /// <param name="kind">What the session must be for.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The session; null if there is none, or if it has ended.</returns>
    public async ValueTask<SessionRecord?> FindSessionAsync(string? token, SessionKind kind, CancellationToken cancellationToken = default)
    {
        if (token is null or { Length: 0 or > Token.LengthMax })
        {
            return null;
        }

        var session = await _store.FindSessionAsync(Token.Hash(token), cancellationToken).ConfigureAwait(false);
        return session is not null && session.Kind == kind && session.ExpiresAt > _store.Clock.GetUtcNow() ? session : null;
    }

    /// <summary>Ends a session. Sites that were opened by it forget the visitor at their next heartbeat.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether it was still valid.</returns>
    public ValueTask<bool> SignOutAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _store.RevokeSessionAsync(session.User, session.Id, cancellationToken);
    }

    /// <summary>
    /// Ends all sessions of a user, as of one who has left or whose machine was stolen: browsers and peers have to sign in again. Visits at sites end by the peers' next heartbeat, and the user's own
    /// site when its lease does.
    /// </summary>
    /// <param name="user">The user, who may have to be kept from signing in again first.</param>
    /// <param name="cancellationToken">Stops waiting; sessions may be ended nevertheless.</param>
    /// <returns>How many were valid.</returns>
    public async ValueTask<int> EndSessionsAsync(UserId user, CancellationToken cancellationToken = default)
    {
        var count = 0;
        foreach (var session in await _store.ListSessionsAsync(user, _store.Clock.GetUtcNow(), cancellationToken).ConfigureAwait(false))
        {
            count += await _store.RevokeSessionAsync(user, session.Id, cancellationToken).ConfigureAwait(false) ? 1 : 0;
        }

        return count;
    }

    /// <summary>Finds a site.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The site; null if there is none.</returns>
    public ValueTask<SiteRecord?> FindSiteAsync(SiteName name, CancellationToken cancellationToken = default) => _store.FindSiteAsync(name, cancellationToken);

    /// <summary>Lists sites in the order of their names.</summary>
    /// <param name="after">The last name that is known already; the default value to start.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public ValueTask<IReadOnlyList<SiteRecord>> ListSitesAsync(SiteName after, int count, CancellationToken cancellationToken = default) =>
        _store.ListSitesAsync(after, count, cancellationToken);

    /// <summary>Looks how the coordinator fares.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async ValueTask<CoordinatorHealth> CheckHealthAsync(CancellationToken cancellationToken = default)
    {
        var health = new CoordinatorHealth { IsStoreReachable = false, NamesBehindSince = _publisher.Trouble.Since, UnwatchedSince = _watch.UnwatchedSince };
        try
        {
            var begun = _store.Clock.GetTimestamp();
            var (all, served) = await _store.CountSitesAsync(cancellationToken).ConfigureAwait(false);
            return health with { IsStoreReachable = true, StoreRoundTrip = _store.Clock.GetElapsedTime(begun), Sites = all, SitesServed = served };
        }
#pragma warning disable CA1031 // Whatever a store throws, it does not answer.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return health;
        }
    }

    /// <summary>Tells a site who its visitor is.</summary>
    /// <returns>The ticket; null if it would be longer than sites take, as the user is in so many groups.</returns>
    internal string? IssueTicket(SessionRecord session, SiteName site, SiteLease lease, string nonce)
    {
        var ticket = _ticketKey.Sign(new Ticket
        {
            Site = HostOf(site),
            User = session.User.Value,
            DisplayName = session.DisplayName,
            Groups = session.Groups,
            SessionId = session.Id,
            SessionExpires = session.ExpiresAt.ToUnixTimeSeconds(),
            Expires = (_store.Clock.GetUtcNow() + Ticket.Lifetime).ToUnixTimeSeconds(),
            Nonce = Token.Hash(nonce),
            Machine = SignInProof.MachineOf(lease.TokenHash),
        });
        return ticket.Length <= TicketKey.TicketLengthMax ? ticket : null;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        await _watch.DisposeAsync().ConfigureAwait(false);
        await _publisher.DisposeAsync().ConfigureAwait(false);
        _ticketKey.Dispose();
        _authority.Dispose();
        _ownProbe?.Dispose();
    }
}
