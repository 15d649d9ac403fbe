using P2P.YouServ.Hosting;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServPeer
{
    private static readonly TimeSpan ProverPause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _proverTurn = new(1, 1);
    private volatile KnownProver? _prover;
    private long _proverTriedAt;

    /// <summary>The sites that this peer serves or stands ready to serve: its user's own, and its copies of others'. Empty while nobody has signed in.</summary>
    public IReadOnlyList<ServedSite> Sites => Site.Identity is null ? [] : [_served, .. _replicas.All.Select(replica => replica.Served).OfType<ServedSite>()];

    /// <summary>The sites of which this peer keeps copies, whether or not they can be served at the moment, in the order of their names.</summary>
    public IReadOnlyList<SiteName> Copies => [.. _replicas.All.Select(replica => replica.Site)];

    /// <summary>Gives what proves to other peers, and to the coordinator, that this one asks on its user's behalf. It is fetched when it is needed, and renewed in time; not to be kept.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="YouServException">Nobody has signed in, or the coordinator refuses or cannot be reached.</exception>
    public ValueTask<UserProver> GetProverAsync(CancellationToken cancellationToken = default)
    {
        var identity = SignedIn;
        if (_prover is { } known && known.Token == identity.Token && known.Prover.ExpiresAt > _clock.GetUtcNow())
        {
            if (IsDue(known.Prover) && _clock.GetElapsedTime(_proverTriedAt) > ProverPause && _proverTurn.Wait(0, CancellationToken.None))
            {
                // Nobody waits for the next one while this one holds: the coordinator may be away.
                _ = Task.Run(() => RenewInTurnAsync(identity), CancellationToken.None);
            }

            return new(known.Prover);
        }

        return FetchProverAsync(identity, cancellationToken);
    }

    /// <summary>Verifies on whose behalf a machine has said something.</summary>
    /// <param name="proof">What <see cref="UserProver.Prove"/> gave.</param>
    /// <param name="audience">For whom it must be: the host of one of the peer's <see cref="Sites"/>, or another name that both sides know.</param>
    /// <param name="message">What was said.</param>
    /// <param name="ageMax">How old it may be; null for <see cref="UserProof.AgeMax"/>.</param>
    /// <returns>What it proves; null if it proves nothing. Sessions that were revoked count until the peer hears of it, with its next heartbeat.</returns>
    public UserProof? ReadProof(string proof, string audience, ReadOnlySpan<byte> message, TimeSpan? ageMax = null)
    {
        ArgumentNullException.ThrowIfNull(proof);
        ArgumentNullException.ThrowIfNull(audience);
        return Site.Proofs?.Read(proof, audience, message, _clock.GetUtcNow(), ageMax ?? UserProof.AgeMax, Site.Visits.IsRevoked);
    }

    /// <summary>
    /// Makes what calls peers of the zone, believing the zone's authority, and the certificate authorities of the system. It follows no redirection and keeps no cookies (<see cref="SiteAddresses"/>).
    /// </summary>
    /// <exception cref="YouServException">Nobody has signed in.</exception>
    public SocketsHttpHandler CreateSiteHandler() => SiteAddresses.CreateHandler(SignedIn.Authority);

    /// <summary>
    /// Makes what calls the zone's coordinators as the peer itself does, over the same connections: its heartbeats keep one open, so that nobody waits for one to be set up. It works until the peer is disposed of.
    /// </summary>
    public HttpMessageHandler CreateCoordinatorHandler() => new SharedHandler(_toCoordinators);

    private async ValueTask<UserProver> FetchProverAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        await _proverTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _prover is { } current && current.Token == identity.Token && !IsDue(current.Prover) ? current.Prover : await RenewProverAsync(identity, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _proverTurn.Release();
        }
    }

    /// <summary>Whoever calls it has the turn.</summary>
    private async Task RenewInTurnAsync(PeerIdentity identity)
    {
        try
        {
            await RenewProverAsync(identity, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is YouServException or OperationCanceledException or ObjectDisposedException)
        {
            // The one that there is holds for minutes.
        }
        finally
        {
            _proverTurn.Release();
        }
    }

    private async ValueTask<UserProver> RenewProverAsync(PeerIdentity identity, CancellationToken cancellationToken)
    {
        _proverTriedAt = _clock.GetTimestamp();
        var key = ProofKey.Create();
        try
        {
            var answer = await _client.PostAsync(
                "peer/pass", identity.Token, new UserPassWish { Key = ProofKey.TextOf(key) }, WireJson.Default.UserPassWish, WireJson.Default.UserPassReply, cancellationToken).ConfigureAwait(false);
            var reply = answer.Reply ?? throw new YouServException(answer.Detail);

            var prover = new UserProver(key, reply.Pass, reply.Says, _clock);
            _prover = new(prover, identity.Token);
            return prover;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Half of its time is left for the coordinator to be away.</summary>
    private bool IsDue(UserProver prover) => prover.ExpiresAt - _clock.GetUtcNow() < UserPass.Lifetime / 2;

    private sealed record KnownProver(UserProver Prover, string Token);
}
