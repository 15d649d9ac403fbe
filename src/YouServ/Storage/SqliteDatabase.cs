using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace P2P.YouServ.Storage;

/// <summary>
/// A database in one file that one process has open: readers side by side, and one writer that flushes to the disk what comes together. Others on the machine cannot read it.
/// </summary>
internal sealed class SqliteDatabase : IAsyncDisposable
{
    private const int IdleReadersMax = 8;

    private readonly ConcurrentBag<SqlSession> _readers = [];
    private readonly string _connectionString;
    private readonly SqliteGroupCommit _commits;
    private volatile bool _isClosed;

    private SqliteDatabase(string connectionString, SqlSession writer)
    {
        _connectionString = connectionString;
        _commits = new SqliteGroupCommit(writer);
    }

    /// <summary>Opens a database, makes it where there is none, and prepares it.</summary>
    /// <param name="path">The file. Its folder is made where it is missing.</param>
    /// <param name="what">What is kept in it, for people.</param>
    /// <param name="prepare">Makes the tables; throws where the database is not to be used.</param>
    /// <exception cref="YouServException">The file is no database, or cannot be written.</exception>
    public static async Task<SqliteDatabase> OpenAsync(string path, string what, Func<SqliteDatabase, ValueTask> prepare)
    {
        SqliteDatabase? database = null;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 30 }.ToString();
            CreatePrivate(path);
            database = new SqliteDatabase(connectionString, await ConnectAsync(connectionString).ConfigureAwait(false));
            await prepare(database).ConfigureAwait(false);
            return database;
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException or YouServException)
        {
            if (database is not null)
            {
                await database.DisposeAsync().ConfigureAwait(false);
            }

            throw failure as YouServException ?? new YouServException(
                $"{what} in {path} cannot be opened: {failure.Message} Check that its folder may be written, and that the file is what this library has made.", failure);
        }
    }

    /// <summary>Runs statements that change nothing.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default)
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

    /// <summary>Runs statements of which all have their effect, or none. Completes when it is durable.</summary>
    public ValueTask<T> WriteAsync<T>(Func<SqlSession, ValueTask<T>> work, CancellationToken cancellationToken = default) =>
        _commits.RunAsync(work, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _commits.DisposeAsync().ConfigureAwait(false);
        while (_readers.TryTake(out var reader))
        {
            await reader.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What SQLite makes beside the file has the rights that the file has from the beginning.</summary>
    private static void CreatePrivate(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite | FileShare.Delete };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        File.Open(path, options).Dispose();
    }

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
