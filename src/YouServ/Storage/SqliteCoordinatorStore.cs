using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using P2P.YouServ.Storage;

namespace P2P.YouServ;

/// <summary>
/// Keeps what a coordinator must not forget in one file, for one process. Changes are flushed to the disk before they count as made; those that come together share a flush.
/// </summary>
public sealed class SqliteCoordinatorStore : SqlCoordinatorStore
{
    private const int IdleReadersMax = 8;

    private readonly ConcurrentBag<SqlSession> _readers = [];
    private readonly string _connectionString;
    private readonly SqliteGroupCommit _commits;
    private volatile bool _isClosed;

    private SqliteCoordinatorStore(string connectionString, SqlSession writer, TimeProvider clock)
    {
        _connectionString = connectionString;
        _commits = new SqliteGroupCommit(writer);
        Clock = clock;
    }

    /// <inheritdoc/>
    public override TimeProvider Clock { get; }

    /// <inheritdoc/>
    public override bool IsShared => false;

    /// <summary>Opens a database, and makes it where there is none.</summary>
    /// <param name="path">The file. Its folder is made where it is missing.</param>
    /// <param name="clock">The clock; the system's without one.</param>
    /// <exception cref="YouServException">The file is no database, is of another version, or cannot be written.</exception>
    public static async Task<SqliteCoordinatorStore> OpenAsync(string path, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        SqliteCoordinatorStore? store = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
            store = new SqliteCoordinatorStore(connectionString, await ConnectAsync(connectionString).ConfigureAwait(false), clock ?? TimeProvider.System);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            await store.PrepareAsync(path).ConfigureAwait(false);
            return store;
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            if (store is not null)
            {
                await store.DisposeAsync().ConfigureAwait(false);
            }

            throw new YouServException($"The coordinator's database {path} cannot be opened: {failure.Message} Check that its folder may be written, and that the file is what a coordinator has made.", failure);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _commits.DisposeAsync().ConfigureAwait(false);
        while (_readers.TryTake(out var reader))
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }
    }

    private protected override async ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_readers.TryTake(out var reader))
        {
            reader = await ConnectAsync(_connectionString).ConfigureAwait(false);
        }

        try
        {
            return await work(reader).ConfigureAwait(false);
        }
        finally
        {
            if (_isClosed || _readers.Count >= IdleReadersMax)
            {
                await reader.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                _readers.Add(reader);
            }
        }
    }

    private protected override ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default) =>
        _commits.RunAsync(work, cancellationToken);

    private static async Task<SqlSession> ConnectAsync(string connectionString)
    {
        var session = new SqlSession(new SqliteConnection(connectionString));
        try
        {
            await session.Connection.OpenAsync().ConfigureAwait(false);
            await session.ExecuteAsync("PRAGMA journal_mode = WAL").ConfigureAwait(false);
            await session.ExecuteAsync("PRAGMA synchronous = FULL").ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
