using P2P.YouServ.Storage;

namespace P2P.YouServ;

/// <summary>
/// Keeps what a coordinator must not forget in one file, for one process. Changes are flushed to the disk before they count as made; those that come together share a flush.
/// </summary>
public sealed class SqliteCoordinatorStore : SqlCoordinatorStore
{
    private SqliteDatabase _database = null!;

    private SqliteCoordinatorStore(TimeProvider clock) => Clock = clock;

    /// <inheritdoc/>
    public override TimeProvider Clock { get; }

    /// <inheritdoc/>
    public override bool IsShared => false;

    /// <summary>Opens a database, and makes it where there is none.</summary>
    /// <param name="path">The file. Its folder is made where it is missing.</param>
    /// <param name="clock">The clock; the system's without one.</param>
    /// <param name="cancellationToken">Gives up opening.</param>
    /// <exception cref="YouServException">The file is no database, is of another version, or cannot be written.</exception>
    public static async Task<SqliteCoordinatorStore> OpenAsync(string path, TimeProvider? clock = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var store = new SqliteCoordinatorStore(clock ?? TimeProvider.System);
        await SqliteDatabase.OpenAsync(path, "The coordinator's state", database =>
        {
            store._database = database;
            return store.PrepareAsync(path, cancellationToken);
        }).ConfigureAwait(false);
        return store;
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _database.DisposeAsync();

    private protected override ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(work, cancellationToken);

    private protected override ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default) =>
        _database.WriteAsync(work, cancellationToken);
}
