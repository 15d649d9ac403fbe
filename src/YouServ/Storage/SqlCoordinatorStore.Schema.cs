using P2P.YouServ.Storage;

namespace P2P.YouServ;

public abstract partial class SqlCoordinatorStore
{
    /// <summary>The version of the tables, which a database names; another is not touched.</summary>
    private const string SchemaVersion = "3";

    private const string AboutTable = "CREATE TABLE IF NOT EXISTS youserv_about (name TEXT PRIMARY KEY, value TEXT NOT NULL)";

    /// <summary>Both databases understand these statements. Moments are milliseconds since 1970.</summary>
    private static readonly string[] Tables =
    [
        "CREATE TABLE IF NOT EXISTS youserv_counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL)",
        "CREATE TABLE IF NOT EXISTS youserv_secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
        """
        CREATE TABLE IF NOT EXISTS youserv_sites (
            name TEXT PRIMARY KEY, owner TEXT NOT NULL UNIQUE, display_name TEXT NOT NULL, version BIGINT NOT NULL UNIQUE,
            lease_id TEXT, lease_addresses TEXT, lease_port INTEGER, lease_secure INTEGER, lease_token TEXT, lease_device TEXT, lease_granted BIGINT, lease_expires BIGINT,
            lease_proxy INTEGER, lease_via TEXT, lease_holder TEXT, was_held INTEGER NOT NULL DEFAULT 0)
        """,
        "CREATE INDEX IF NOT EXISTS youserv_sites_expires ON youserv_sites (lease_expires) WHERE lease_expires IS NOT NULL",
        "CREATE INDEX IF NOT EXISTS youserv_sites_proxy ON youserv_sites (lease_proxy) WHERE lease_proxy = 1",
        "CREATE INDEX IF NOT EXISTS youserv_sites_via ON youserv_sites (lease_via) WHERE lease_via IS NOT NULL",
        """
        CREATE TABLE IF NOT EXISTS youserv_replicas (
            site TEXT NOT NULL, holder TEXT NOT NULL, accepted INTEGER NOT NULL, version BIGINT NOT NULL, reported BIGINT, PRIMARY KEY (site, holder))
        """,
        "CREATE INDEX IF NOT EXISTS youserv_replicas_holder ON youserv_replicas (holder)",
        """
        CREATE TABLE IF NOT EXISTS youserv_sessions (
            id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, user_id TEXT NOT NULL, display_name TEXT NOT NULL,
            user_groups TEXT NOT NULL, device TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL)
        """,
        "CREATE INDEX IF NOT EXISTS youserv_sessions_user ON youserv_sessions (user_id)",
        "CREATE INDEX IF NOT EXISTS youserv_sessions_expires ON youserv_sessions (expires)",
        "CREATE TABLE IF NOT EXISTS youserv_revocations (number BIGINT PRIMARY KEY, session_id TEXT NOT NULL, expires BIGINT NOT NULL)",
        """
        CREATE TABLE IF NOT EXISTS youserv_accounts (
            user_id TEXT PRIMARY KEY, display_name TEXT NOT NULL, user_groups TEXT NOT NULL, password_hash TEXT NOT NULL)
        """,
        "INSERT INTO youserv_counters (name, value) VALUES ('sites', 0), ('revocations', 0) ON CONFLICT (name) DO NOTHING",
        "INSERT INTO youserv_about (name, value) VALUES ('schema', '" + SchemaVersion + "') ON CONFLICT (name) DO NOTHING",
    ];

    /// <summary>A statement that lets one coordinator at a time make tables; null where there is only one.</summary>
    private protected virtual string? SchemaLock => null;

    /// <summary>Makes the tables where they are missing.</summary>
    /// <exception cref="YouServException">The database is of another version.</exception>
    private protected async ValueTask PrepareAsync(string database, CancellationToken cancellationToken)
    {
        var version = await WriteAsync(async session =>
        {
            if (SchemaLock is not null)
            {
                await session.ScalarAsync<object>(SchemaLock).ConfigureAwait(false);
            }

            // What is of another version is not touched, and may lack what the statements speak of.
            await session.ExecuteAsync(AboutTable).ConfigureAwait(false);
            var found = await session.ScalarAsync<string>("SELECT value FROM youserv_about WHERE name = 'schema'").ConfigureAwait(false);
            foreach (var statement in found is null or SchemaVersion ? Tables : [])
            {
                await session.ExecuteAsync(statement).ConfigureAwait(false);
            }

            return found ?? SchemaVersion;
        }, cancellationToken).ConfigureAwait(false);
        if (version != SchemaVersion)
        {
            throw new YouServException($"{database} has tables of version {version}, and this release knows version {SchemaVersion}. Run the release that made them, or start with an empty database.");
        }
    }

    /// <summary>Takes the next number of a sequence without gaps; whoever takes one waits for the commit of the one before, so that numbers become visible in order.</summary>
    private static async ValueTask<long> NextAsync(SqlSession session, string counter) =>
        await session.ScalarAsync<long>("UPDATE youserv_counters SET value = value + 1 WHERE name = @p1 RETURNING value", counter).ConfigureAwait(false);
}
