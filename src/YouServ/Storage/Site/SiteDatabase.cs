namespace P2P.YouServ.Storage;

/// <summary>Makes the tables of a peer: what its owner has said about the site, and who has visited it.</summary>
internal static class SiteDatabase
{
    private static readonly string[] Tables =
    [
        "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS rules (path TEXT PRIMARY KEY, audience INTEGER NOT NULL, users TEXT NOT NULL, user_groups TEXT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS links (id TEXT PRIMARY KEY, secret_hash TEXT NOT NULL UNIQUE, path TEXT NOT NULL, expires INTEGER)",
        """
        CREATE TABLE IF NOT EXISTS visits (
            token_hash TEXT PRIMARY KEY, session_id TEXT NOT NULL, user_id TEXT NOT NULL, display_name TEXT NOT NULL, user_groups TEXT NOT NULL, expires INTEGER NOT NULL)
        """,
        "CREATE TABLE IF NOT EXISTS readings (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, reader TEXT NOT NULL, path TEXT NOT NULL, times INTEGER NOT NULL)",
        """
        CREATE TABLE IF NOT EXISTS files (
            path TEXT PRIMARY KEY, device INTEGER NOT NULL, node INTEGER NOT NULL, length INTEGER NOT NULL, modified INTEGER NOT NULL, changed INTEGER NOT NULL,
            digest BLOB NOT NULL, blocks BLOB NOT NULL)
        """,
        "INSERT INTO about (name, value) VALUES ('schema', '1') ON CONFLICT (name) DO NOTHING",
    ];

    /// <exception cref="YouServException">The file is no database, is of another version, or cannot be written.</exception>
    public static Task<SqliteDatabase> OpenAsync(string path) => SqliteDatabase.OpenAsync(path, "The site's state", async database =>
    {
        var version = await database.WriteAsync(async session =>
        {
            foreach (var statement in Tables)
            {
                await session.ExecuteAsync(statement).ConfigureAwait(false);
            }

            return await session.ScalarAsync<string>("SELECT value FROM about WHERE name = 'schema'").ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (version != "1")
        {
            throw new YouServException($"The site's state in {path} is of version {version}, and this release knows version 1. Run the release that made it, or name another folder.");
        }
    });
}
