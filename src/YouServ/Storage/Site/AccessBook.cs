using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Storage;

/// <summary>Keeps the rules of a site. Who asks gets the answer of this moment, without waiting.</summary>
internal sealed class AccessBook : ISiteAccess, IDisposable
{
    public const int RulesMax = 10_000;

    private readonly SqliteDatabase _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile AccessRules _rules;

    private AccessBook(SqliteDatabase database, AccessRules rules) => (_database, _rules) = (database, rules);

    public AccessRules Rules => _rules;

    /// <summary>Tells that a rule is another.</summary>
    public event Action? Changed;

    public static async Task<AccessBook> OpenAsync(SqliteDatabase database) => new(database, await ReadAsync(database).ConfigureAwait(false));

    /// <summary>Sets the rule of a path, in place of the one that it has.</summary>
    /// <exception cref="YouServException">There are too many rules.</exception>
    public ValueTask SetAsync(AccessRule rule) => WriteAsync(async session =>
    {
        await PutAsync(session, rule).ConfigureAwait(false);
        return await session.ScalarAsync<long>("SELECT count(*) FROM rules").ConfigureAwait(false) <= RulesMax
            ? true
            : throw new YouServException($"A site has at most {RulesMax} rules. Put what is open to the same people into one folder, and give the folder the rule.");
    });

    /// <summary>Replaces the rules of a path and of all beneath it.</summary>
    public ValueTask ReplaceWithinAsync(SitePath path, IReadOnlyList<AccessRule> rules) => WriteAsync(async session =>
    {
        foreach (var rule in _rules.All.Where(rule => rule.Path.IsWithin(path)))
        {
            await session.ExecuteAsync("DELETE FROM rules WHERE path = @p1", rule.Path.Value).ConfigureAwait(false);
        }

        foreach (var rule in rules)
        {
            await PutAsync(session, rule).ConfigureAwait(false);
        }

        return true;
    });

    /// <summary>Replaces all rules.</summary>
    public ValueTask ReplaceAllAsync(IReadOnlyList<AccessRule> rules) => rules.Count > RulesMax
        ? throw new YouServException($"A site has at most {RulesMax} rules.")
        : WriteAsync(async session =>
        {
            await session.ExecuteAsync("DELETE FROM rules").ConfigureAwait(false);
            foreach (var rule in rules)
            {
                await PutAsync(session, rule).ConfigureAwait(false);
            }

            return true;
        });

    /// <summary>Removes the rule of a path, for which the next rule above it decides from then on.</summary>
    public ValueTask RemoveAsync(SitePath path) =>
        WriteAsync(async session => await session.ExecuteAsync("DELETE FROM rules WHERE path = @p1", path.Value).ConfigureAwait(false) > 0);

    public void Dispose() => _turn.Dispose();

    public AccessDecision Decide(Visitor visitor, SitePath path) => _rules.Decide(visitor, path);

    public bool LeadsToGranted(Visitor visitor, SitePath folder) => _rules.LeadsToGranted(visitor, folder);

    public bool IsPublic(SitePath path) => _rules.IsPublic(path);

    /// <summary>One change after the other, so that what is read back is what the last one left.</summary>
    private async ValueTask WriteAsync(Func<SqlSession, ValueTask<bool>> work)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            await _database.WriteAsync(work).ConfigureAwait(false);
            _rules = await ReadAsync(_database).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        Changed?.Invoke();
    }

    private static ValueTask<int> PutAsync(SqlSession session, AccessRule rule) => session.ExecuteAsync(
        """
        INSERT INTO rules (path, audience, users, user_groups) VALUES (@p1, @p2, @p3, @p4)
        ON CONFLICT (path) DO UPDATE SET audience = excluded.audience, users = excluded.users, user_groups = excluded.user_groups
        """,
        rule.Path.Value, (long)rule.Audience, string.Join('\n', rule.Users), string.Join('\n', rule.Groups));

    private static async ValueTask<AccessRules> ReadAsync(SqliteDatabase database) => new(await database.ReadAsync(session => session.ListAsync(
        row => new AccessRule
        {
            Path = SitePath.Parse(row.GetString(0)),
            Audience = (Audience)row.GetInt32(1),
            Users = [.. row.GetString(2).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(UserId.Parse)],
            Groups = row.GetString(3).Split('\n', StringSplitOptions.RemoveEmptyEntries),
        },
        "SELECT path, audience, users, user_groups FROM rules")).ConfigureAwait(false));
}
