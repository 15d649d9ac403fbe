using Microsoft.AspNetCore.Http;
using P2P.YouServ.Http;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

public sealed partial class YouServCoordinator
{
    /// <summary>Lets the coordinator ask peers on behalf of somebody who has signed in at it.</summary>
    /// <param name="session">The session, which has to be valid.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What proves it, for some minutes.</returns>
    /// <exception cref="YouServException">The user is in more groups than a pass can name.</exception>
    public async ValueTask<UserProver> GetProverAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        var key = ProofKey.Create();
        try
        {
            var reply = await IssuePassAsync(session, ProofKey.TextOf(key), cancellationToken).ConfigureAwait(false)
                ?? throw new YouServException($"{session.User} is in more groups than a pass can name.");
            return new UserProver(key, reply.Pass, reply.Says, _store.Clock);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>Finds out who has signed in at the coordinator in the browser that makes a request to it, for pages that the application adds.</summary>
    /// <param name="request">The request, to the coordinator's own host.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The session; null if nobody has.</returns>
    public ValueTask<SessionRecord?> FindBrowserSessionAsync(HttpRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        return FindSessionAsync(CoordinatorPages.Cookie.Read(request), SessionKind.Browser, cancellationToken);
    }

    /// <summary>Tells whether a request to the coordinator was made by a page of its own: the cookie alone proves nothing, as sites of the zone are one site to browsers.</summary>
    /// <param name="request">The request.</param>
    public bool IsFromOwnPage(HttpRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return RequestOrigin.IsOwn(request, Options.PublicUrl);
    }

    /// <summary>The zone in which sites have their names.</summary>
    public string Zone => Options.Zone;

    /// <summary>Verifies on whose behalf a machine has said something to the coordinator.</summary>
    /// <param name="proof">What <see cref="UserProver.Prove"/> gave.</param>
    /// <param name="message">What was said.</param>
    /// <param name="audience">For whom it must be; null for the zone, which is the coordinator's name.</param>
    /// <param name="ageMax">How old it may be; null for <see cref="UserProof.AgeMax"/>.</param>
    /// <returns>What it proves; null if it proves nothing. A session that was revoked counts until its pass ends, after minutes.</returns>
    public UserProof? ReadProof(string proof, ReadOnlySpan<byte> message, string? audience = null, TimeSpan? ageMax = null)
    {
        ArgumentNullException.ThrowIfNull(proof);
        return _proofs.Read(proof, audience ?? Options.Zone, message, _store.Clock.GetUtcNow(), ageMax ?? UserProof.AgeMax, static _ => false);
    }

    /// <summary>Makes what calls peers of the zone, as <see cref="YouServPeer.CreateSiteHandler"/> does.</summary>
    public SocketsHttpHandler CreateSiteHandler() => SiteAddresses.CreateHandler(AuthorityCertificate);

    /// <summary>Says for whom the holder of a key may ask.</summary>
    /// <returns>The pass; null if it would be longer than peers take.</returns>
    internal async ValueTask<UserPassReply?> IssuePassAsync(SessionRecord session, string key, CancellationToken cancellationToken)
    {
        var site = await SiteOfAsync(session, cancellationToken).ConfigureAwait(false);
        var now = _store.Clock.GetUtcNow();
        var says = new UserPass
        {
            User = session.User.Value,
            Site = site.Name.Value,
            Groups = session.Groups,
            SessionId = session.Id,
            Key = key,
            Issued = now.ToUnixTimeMilliseconds(),
            Expires = (now + UserPass.Lifetime).ToUnixTimeMilliseconds(),
        };
        var pass = _ticketKey.Sign(says);
        return pass.Length <= TicketKey.TicketLengthMax ? new UserPassReply { Pass = pass, Says = says } : null;
    }
}
