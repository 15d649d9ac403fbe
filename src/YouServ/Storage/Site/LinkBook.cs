using P2P.YouServ.Wire;

namespace P2P.YouServ.Storage;

/// <summary>Keeps the share links of a site. The secret of each is known to those who got the link; here is its hash.</summary>
internal sealed class LinkBook : IDisposable
{
    public const int LinksMax = 10_000;

    private readonly SqliteDatabase _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Dictionary<string, ShareLink> _links;

    private LinkBook(SqliteDatabase database, Dictionary<string, ShareLink> links) => (_database, _links) = (database, links);

    public IEnumerable<ShareLink> All => _links.Values.OrderBy(link => link.Path.Value, StringComparer.Ordinal).ThenBy(link => link.Id, StringComparer.Ordinal);

    /// <summary>All links, each with the hash of its secret.</summary>
    public IEnumerable<KeyValuePair<string, ShareLink>> AllByHash => _links.OrderBy(link => link.Value.Id, StringComparer.Ordinal);

    /// <summary>Tells that there are others.</summary>
    public event Action? Changed;

    public static async Task<LinkBook> OpenAsync(SqliteDatabase database) => new(database, await ReadAsync(database).ConfigureAwait(false));

    /// <summary>Makes a link.</summary>
    /// <returns>The link, and its secret, which nobody can find again.</returns>
    /// <exception cref="YouServException">There are too many links.</exception>
    public async ValueTask<(ShareLink Link, string Secret)> CreateAsync(SitePath path, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        var (link, secret) = (new ShareLink { Id = Token.CreateId(), Path = path, ExpiresAt = expiresAt }, Token.Create());
        await WriteAsync(async session =>
        {
            await session.ExecuteAsync("DELETE FROM links WHERE expires < @p1", now.ToUnixTimeMilliseconds()).ConfigureAwait(false);
            await session.ExecuteAsync(
                "INSERT INTO links (id, secret_hash, path, expires) VALUES (@p1, @p2, @p3, @p4)", link.Id, Token.Hash(secret), path.Value, expiresAt?.ToUnixTimeMilliseconds()).ConfigureAwait(false);
            return await session.ScalarAsync<long>("SELECT count(*) FROM links").ConfigureAwait(false) <= LinksMax
                ? true
                : throw new YouServException($"A site has at most {LinksMax} share links. Revoke some that nobody needs.");
        }).ConfigureAwait(false);
        return (link, secret);
    }

    /// <summary>Replaces all links.</summary>
    /// <param name="links">Each with the hash of its secret.</param>
    public async ValueTask ReplaceAllAsync(IReadOnlyList<KeyValuePair<string, ShareLink>> links)
    {
        if (links.Count > LinksMax)
        {
            throw new YouServException($"A site has at most {LinksMax} share links.");
        }

        await WriteAsync(async session =>
        {
            await session.ExecuteAsync("DELETE FROM links").ConfigureAwait(false);
            foreach (var (hash, link) in links)
            {
                await session.ExecuteAsync(
                    "INSERT INTO links (id, secret_hash, path, expires) VALUES (@p1, @p2, @p3, @p4)", link.Id, hash, link.Path.Value, link.ExpiresAt?.ToUnixTimeMilliseconds()).ConfigureAwait(false);
            }

            return true;
        }).ConfigureAwait(false);
    }

    /// <returns>Whether there was such a link.</returns>
    public ValueTask<bool> RevokeAsync(string id) =>
        WriteAsync(async session => await session.ExecuteAsync("DELETE FROM links WHERE id = @p1", id).ConfigureAwait(false) > 0);

    /// <summary>Lets the links of a path, and of all beneath it, lead to where that has moved.</summary>
    public ValueTask MoveAsync(SitePath from, SitePath to) =>
        ChangeWithinAsync(from, (session, link) => session.ExecuteAsync("UPDATE links SET path = @p2 WHERE id = @p1", link.Id, link.Path.Rebase(from, to).Value));

    /// <summary>Removes the links of a path and of all beneath it.</summary>
    public ValueTask RemoveWithinAsync(SitePath path) =>
        ChangeWithinAsync(path, (session, link) => session.ExecuteAsync("DELETE FROM links WHERE id = @p1", link.Id));

    public void Dispose() => _turn.Dispose();

    /// <returns>The link whose secret this is; null if there is none, or if it has ended.</returns>
    public ShareLink? Find(string secret, DateTimeOffset now) =>
        secret.Length is > 0 and <= Token.LengthMax && _links.TryGetValue(Token.Hash(secret), out var link) && (link.ExpiresAt is null || link.ExpiresAt > now) ? link : null;

    private async ValueTask ChangeWithinAsync(SitePath path, Func<SqlSession, ShareLink, ValueTask<int>> change)
    {
        if (!_links.Values.Any(link => link.Path.IsWithin(path)))
        {
            return;
        }

        await WriteAsync(async session =>
        {
            foreach (var link in _links.Values.Where(link => link.Path.IsWithin(path)))
            {
                await change(session, link).ConfigureAwait(false);
            }

            return true;
        }).ConfigureAwait(false);
    }

    /// <summary>One change after the other, so that what is read back is what the last one left.</summary>
    private async ValueTask<bool> WriteAsync(Func<SqlSession, ValueTask<bool>> work)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var result = await _database.WriteAsync(work).ConfigureAwait(false);
            _links = await ReadAsync(_database).ConfigureAwait(false);
            Changed?.Invoke();
            return result;
        }
        finally
        {
            _turn.Release();
        }
    }

    private static async ValueTask<Dictionary<string, ShareLink>> ReadAsync(SqliteDatabase database) => (await database.ReadAsync(session => session.ListAsync(
        row => (Hash: row.GetString(1), Link: new ShareLink
        {
            Id = row.GetString(0),
            Path = SitePath.Parse(row.GetString(2)),
            ExpiresAt = row.IsDBNull(3) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
        }),
        "SELECT id, secret_hash, path, expires FROM links")).ConfigureAwait(false)).ToDictionary(row => row.Hash, row => row.Link, StringComparer.Ordinal);
}
