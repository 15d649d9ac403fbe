namespace P2P.YouServ;

/// <summary>Keeps sign-ins, and the order in which they were revoked. The numbers of revocations become visible in their order, as versions of sites do (<see cref="ISiteStore"/>).</summary>
public interface ISessionStore
{
    /// <summary>Keeps a session.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Stops waiting; the session may be kept nevertheless.</param>
    ValueTask AddSessionAsync(SessionRecord session, CancellationToken cancellationToken = default);

    /// <summary>Finds a session by the hash of its token, whether or not it has ended.</summary>
    /// <param name="tokenHash">The <see cref="SessionRecord.TokenHash"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The session; null if there is none, or if it was revoked.</returns>
    ValueTask<SessionRecord?> FindSessionAsync(string tokenHash, CancellationToken cancellationToken = default);

    /// <summary>Lists the sessions of a user that have not ended, the latest first.</summary>
    /// <param name="user">The user.</param>
    /// <param name="now">The moment.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<SessionRecord>> ListSessionsAsync(UserId user, DateTimeOffset now, CancellationToken cancellationToken = default);

    /// <summary>Ends a session for good.</summary>
    /// <param name="user">Whose session it must be.</param>
    /// <param name="sessionId">The session.</param>
    /// <param name="cancellationToken">Stops waiting; the session may be revoked nevertheless.</param>
    /// <returns>Whether the user had such a session.</returns>
    ValueTask<bool> RevokeSessionAsync(UserId user, string sessionId, CancellationToken cancellationToken = default);

    /// <summary>Lists revocations in their order.</summary>
    /// <param name="after">The last number that is known already; 0 to start.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<SessionRevocation>> ReadRevocationsAsync(long after, int count, CancellationToken cancellationToken = default);

    /// <summary>Forgets sessions that have ended, and revocations of such.</summary>
    /// <param name="endedBefore">The moment before which they must have ended.</param>
    /// <param name="cancellationToken">Stops waiting; sessions may be forgotten nevertheless.</param>
    ValueTask ForgetSessionsAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken = default);
}
