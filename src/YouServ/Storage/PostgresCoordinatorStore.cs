using System.Data;
using Npgsql;
using P2P.YouServ.Storage;

namespace P2P.YouServ;

/// <summary>
/// Keeps what coordinators must not forget in PostgreSQL, so that several work side by side over one database, of which any may stop. Leases end by the database's clock.
/// </summary>
public sealed class PostgresCoordinatorStore : SqlCoordinatorStore
{
    private readonly NpgsqlDataSource _source;

    private PostgresCoordinatorStore(NpgsqlDataSource source, TimeProvider clock)
    {
        _source = source;
        Clock = clock;
    }

    /// <inheritdoc/>
    public override TimeProvider Clock { get; }

    /// <inheritdoc/>
    public override bool IsShared => true;

    private protected override string? SchemaLock => "SELECT pg_advisory_xact_lock(5000)";

    /// <summary>Opens a database, and makes the tables where there are none. All of them are named <c>youserv_…</c>.</summary>
    /// <param name="connectionString">How to reach it, in Npgsql's words: <c>Host=db.example;Database=youserv;Username=youserv;Password=…</c>.</param>
    /// <exception cref="YouServException">It cannot be reached, or its tables are of another version.</exception>
    public static async Task<PostgresCoordinatorStore> OpenAsync(string connectionString)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        NpgsqlDataSource? source = null;
        try
        {
            source = NpgsqlDataSource.Create(connectionString);
            var store = new PostgresCoordinatorStore(source, await DatabaseClock.ReadAsync(source).ConfigureAwait(false));
            await store.PrepareAsync("The database").ConfigureAwait(false);
            return store;
        }
        catch (Exception failure) when (failure is NpgsqlException or ArgumentException or YouServException)
        {
            if (source is not null)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }

            // The message of the driver names the host, and never the password.
            throw failure as YouServException ?? new YouServException($"The coordinators' database cannot be opened: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private protected override async ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default)
    {
        var session = new SqlSession(await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false));
        await using (session.ConfigureAwait(false))
        {
            return await work(session).ConfigureAwait(false);
        }
    }

    private protected override async ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default)
    {
        var session = new SqlSession(await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false));
        await using (session.ConfigureAwait(false))
        {
            var transaction = await session.Connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken).ConfigureAwait(false);
            await using (transaction.ConfigureAwait(false))
            {
                session.Transaction = transaction;
                var result = await work(session).ConfigureAwait(false);
                await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
                return result;
            }
        }
    }

    /// <summary>Tells the time of the database, from how far the system's clock was off when the store was opened.</summary>
    private sealed class DatabaseClock(DateTimeOffset readAt, long readAtTimestamp) : TimeProvider
    {
        public static async Task<DatabaseClock> ReadAsync(NpgsqlDataSource source)
        {
            var command = source.CreateCommand("SELECT clock_timestamp()");
            await using (command.ConfigureAwait(false))
            {
                var now = (DateTime)(await command.ExecuteScalarAsync().ConfigureAwait(false))!;
                return new DatabaseClock(new DateTimeOffset(now.ToUniversalTime(), TimeSpan.Zero), System.GetTimestamp());
            }
        }

        /// <summary>Goes on by the monotonic clock, so that neither a wrong clock nor one that is set right moves leases.</summary>
        public override DateTimeOffset GetUtcNow() => readAt + System.GetElapsedTime(readAtTimestamp);
    }
}
