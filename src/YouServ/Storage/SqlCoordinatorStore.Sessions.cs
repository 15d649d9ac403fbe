using System.Data.Common;
using System.Globalization;

namespace P2P.YouServ;

public abstract partial class SqlCoordinatorStore
{
    private const string SessionColumns = "id, token_hash, kind, user_id, display_name, user_groups, device, created, expires";

    /// <inheritdoc/>
    public async ValueTask AddSessionAsync(SessionRecord session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        await WriteAsync(
            database => database.ExecuteAsync(
                "INSERT INTO youserv_sessions (" + SessionColumns + ") VALUES (@p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)",
                session.Id,
                session.TokenHash,
                (int)session.Kind,
                session.User.Value,
                session.DisplayName,
                WriteGroups(session.Groups),
                session.Device,
                WriteMoment(session.CreatedAt),
                WriteMoment(session.ExpiresAt)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<SessionRecord?> FindSessionAsync(string tokenHash, CancellationToken cancellationToken = default) =>
        ReadAsync(session => session.FirstAsync(ReadSession, "SELECT " + SessionColumns + " FROM youserv_sessions WHERE token_hash = @p1", tokenHash), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionRecord>> ListSessionsAsync(UserId user, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(
                ReadSession,
                "SELECT " + SessionColumns + " FROM youserv_sessions WHERE user_id = @p1 AND expires > @p2 ORDER BY created DESC, id",
                user.Value,
                WriteMoment(now)),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> RevokeSessionAsync(UserId user, string sessionId, CancellationToken cancellationToken = default) =>
        WriteAsync(
            async session =>
            {
                var expires = await session.ScalarAsync<long?>(
                    "DELETE FROM youserv_sessions WHERE id = @p1 AND user_id = @p2 RETURNING expires", sessionId, user.Value).ConfigureAwait(false);
                if (expires is null)
                {
                    return false;
                }

                var number = await NextAsync(session, "revocations").ConfigureAwait(false);
                await session.ExecuteAsync(
                    "INSERT INTO youserv_revocations (number, session_id, expires) VALUES (@p1, @p2, @p3)", number, sessionId, expires).ConfigureAwait(false);
                return true;
            },
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SessionRevocation>> ReadRevocationsAsync(long after, int count, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(
                row => new SessionRevocation(row.GetInt64(0), row.GetString(1)),
                "SELECT number, session_id FROM youserv_revocations WHERE number > @p1 ORDER BY number LIMIT @p2",
                after,
                count),
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask ForgetSessionsAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken = default) =>
        await WriteAsync(
            async session =>
            {
                await session.ExecuteAsync("DELETE FROM youserv_sessions WHERE expires < @p1", WriteMoment(endedBefore)).ConfigureAwait(false);
                return await session.ExecuteAsync("DELETE FROM youserv_revocations WHERE expires < @p1", WriteMoment(endedBefore)).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);

    private static SessionRecord ReadSession(DbDataReader row) => new()
    {
        Id = row.GetString(0),
        TokenHash = row.GetString(1),
        Kind = (SessionKind)Convert.ToInt32(row.GetValue(2), CultureInfo.InvariantCulture),
        User = UserId.Parse(row.GetString(3)),
        DisplayName = row.GetString(4),
        Groups = ReadGroups(row.GetString(5)),
        Device = row.GetString(6),
        CreatedAt = ReadMoment(row.GetValue(7)),
        ExpiresAt = ReadMoment(row.GetValue(8)),
    };
}
