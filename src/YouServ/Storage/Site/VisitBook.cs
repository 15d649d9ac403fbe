using System.Collections.Concurrent;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Storage;

/// <summary>
/// Keeps who has signed in at a site, by the cookie that it gave them. A visit ends with the session at the coordinator from which it came: by itself, or when that is revoked.
/// </summary>
internal sealed class VisitBook
{
    private const int VisitsMax = 100_000;

    /// <summary>So that nobody takes the places of all others by signing in again and again.</summary>
    private const int VisitsOfUserMax = 100;

    /// <summary>Far longer than tickets hold: this machine's clock may be behind the coordinator's.</summary>
    private static readonly TimeSpan RevocationsKept = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, Visit> _visits;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _revoked = new(StringComparer.Ordinal);
    private readonly SqliteDatabase _database;
    private long _revocationsSeen;

    private VisitBook(SqliteDatabase database, IEnumerable<Visit> visits, long revocationsSeen)
    {
        _database = database;
        _visits = new(visits.Select(visit => KeyValuePair.Create(visit.TokenHash, visit)), StringComparer.Ordinal);
        _revocationsSeen = revocationsSeen;
    }

    /// <summary>The number of the last revocation that is known.</summary>
    public long RevocationsSeen => Volatile.Read(ref _revocationsSeen);

    public static async Task<VisitBook> OpenAsync(SqliteDatabase database)
    {
        var visits = await database.ReadAsync(session => session.ListAsync(
            row => new Visit(
                row.GetString(0), row.GetString(1), UserId.Parse(row.GetString(2)), row.GetString(3), row.GetString(4).Split('\n', StringSplitOptions.RemoveEmptyEntries), row.GetInt64(5)),
            "SELECT token_hash, session_id, user_id, display_name, user_groups, expires FROM visits")).ConfigureAwait(false);
        var seen = await database.ReadAsync(session => session.ScalarAsync<string>("SELECT value FROM about WHERE name = 'revocations'")).ConfigureAwait(false);
        return new(database, visits, seen is null ? 0 : long.Parse(seen, System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Whether a session was revoked lately: tickets that were issued before count no longer.</summary>
    public bool IsRevoked(string sessionId) => _revoked.ContainsKey(sessionId);

    /// <summary>Begins a visit. Of a user's visits, those that would end first give way where there are too many of them.</summary>
    /// <returns>The secret for the visitor's cookie; null if there are too many visitors, or if the session has just been revoked.</returns>
    public async ValueTask<string?> BeginAsync(Ticket ticket, DateTimeOffset now)
    {
        foreach (var surplus in _visits.Select(pair => pair.Value).Where(visit => visit.User.Value == ticket.User).OrderByDescending(visit => visit.Expires).Skip(VisitsOfUserMax - 1))
        {
            await EndAsync(surplus).ConfigureAwait(false);
        }

        if (_visits.Count >= VisitsMax)
        {
            await ForgetEndedAsync(now).ConfigureAwait(false);
        }

        if (_visits.Count >= VisitsMax)
        {
            return null;
        }

        var secret = Token.Create();
        var visit = new Visit(Token.Hash(secret), ticket.SessionId, UserId.Parse(ticket.User), ticket.DisplayName, ticket.Groups, ticket.SessionExpires);
        await _database.WriteAsync(session => session.ExecuteAsync(
            "INSERT INTO visits (token_hash, session_id, user_id, display_name, user_groups, expires) VALUES (@p1, @p2, @p3, @p4, @p5, @p6)",
            visit.TokenHash, visit.SessionId, visit.User.Value, visit.DisplayName, string.Join('\n', visit.Groups), visit.Expires)).ConfigureAwait(false);
        _visits[visit.TokenHash] = visit;
        if (!IsRevoked(visit.SessionId))
        {
            return secret;
        }

        await EndAsync(visit).ConfigureAwait(false);
        return null;
    }

    /// <returns>The visit whose secret this is; null if there is none, or if it has ended.</returns>
    public Visit? Find(string? secret, DateTimeOffset now) =>
        secret is { Length: > 0 and <= Token.LengthMax } && _visits.TryGetValue(Token.Hash(secret), out var visit) && visit.Expires > now.ToUnixTimeSeconds() ? visit : null;

    public async ValueTask EndAsync(Visit visit)
    {
        _visits.TryRemove(visit.TokenHash, out _);
        await _database.WriteAsync(session => session.ExecuteAsync("DELETE FROM visits WHERE token_hash = @p1", visit.TokenHash)).ConfigureAwait(false);
    }

    /// <summary>Ends all visits: visitors sign in anew without noticing. Their cookies were shown to another machine.</summary>
    public async ValueTask EndAllAsync()
    {
        _visits.Clear();
        await _database.WriteAsync(session => session.ExecuteAsync("DELETE FROM visits")).ConfigureAwait(false);
    }

    /// <summary>Skips revocations that concern nobody here, as nobody has visited yet.</summary>
    public void SkipRevocations(long seen)
    {
        if (_visits.IsEmpty)
        {
            Volatile.Write(ref _revocationsSeen, Math.Max(seen, RevocationsSeen));
        }
    }

    /// <summary>Ends the visits of sessions that were revoked, and notes how far they were told.</summary>
    public async ValueTask RevokeAsync(IReadOnlyCollection<string> sessionIds, long seen, DateTimeOffset now)
    {
        if (seen == RevocationsSeen)
        {
            return;
        }

        seen = Math.Max(seen, RevocationsSeen);

        foreach (var (id, _) in _revoked.Where(pair => pair.Value < now - RevocationsKept))
        {
            _revoked.TryRemove(id, out _);
        }

        // Noted before visits are looked for: one that begins meanwhile either is found, or finds this.
        var revoked = sessionIds.ToHashSet(StringComparer.Ordinal);
        foreach (var id in revoked)
        {
            _revoked[id] = now;
        }

        foreach (var visit in _visits.Values.Where(visit => revoked.Contains(visit.SessionId)))
        {
            _visits.TryRemove(visit.TokenHash, out _);
        }

        await _database.WriteAsync(async session =>
        {
            foreach (var id in revoked)
            {
                await session.ExecuteAsync("DELETE FROM visits WHERE session_id = @p1", id).ConfigureAwait(false);
            }

            return await session.ExecuteAsync(
                "INSERT INTO about (name, value) VALUES ('revocations', @p1) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                seen.ToString(System.Globalization.CultureInfo.InvariantCulture)).ConfigureAwait(false);
        }).ConfigureAwait(false);
        Volatile.Write(ref _revocationsSeen, seen);
    }

    private async ValueTask ForgetEndedAsync(DateTimeOffset now)
    {
        var ended = now.ToUnixTimeSeconds();
        foreach (var visit in _visits.Values.Where(visit => visit.Expires <= ended))
        {
            _visits.TryRemove(visit.TokenHash, out _);
        }

        await _database.WriteAsync(session => session.ExecuteAsync("DELETE FROM visits WHERE expires <= @p1", ended)).ConfigureAwait(false);
    }
}
