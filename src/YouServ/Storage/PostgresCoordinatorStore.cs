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
    private readonly DatabaseClock _clock = new();

    private PostgresCoordinatorStore(NpgsqlDataSource source) => _source = source;

    /// <inheritdoc/>
    public override TimeProvider Clock => _clock;

    /// <inheritdoc/>
    public override bool IsShared => true;

    private protected override string? SchemaLock => "SELECT pg_advisory_xact_lock(5000)";

    /// <summary>Opens a database, and makes the tables where there are none. All of them are named <c>youserv_…</c>.</summary>
    /// <param name="connectionString">How to reach it, in Npgsql's words: <c>Host=db.example;Database=youserv;Username=youserv;Password=…</c>.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="YouServException">It cannot be reached, or its tables are of another version.</exception>
    public static async Task<PostgresCoordinatorStore> OpenAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(connectionString);
        NpgsqlDataSource? source = null;
        try
        {
            source = NpgsqlDataSource.Create(connectionString);
            var store = new PostgresCoordinatorStore(source);
            await store.PrepareAsync("The database", cancellationToken).ConfigureAwait(false);
            return store;
        }
        catch (Exception failure) when (failure is NpgsqlException or ArgumentException or YouServException or OperationCanceledException)
        {
            if (source is not null)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }

            // The message of the driver names the host, and never the password.
            throw failure is OperationCanceledException or YouServException ? failure : new YouServException($"The coordinators' database cannot be opened: {failure.Message}", failure);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    private protected override async ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default)
    {
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            return await work(session).ConfigureAwait(false);
        }
    }

    private protected override async ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default)
    {
        var session = await OpenAsync(cancellationToken).ConfigureAwait(false);
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

    private async ValueTask<SqlSession> OpenAsync(CancellationToken cancellationToken)
    {
        var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var session = new SqlSession(connection);
        try
        {
            await _clock.FollowAsync(session).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
