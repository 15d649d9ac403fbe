using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace P2P.YouSearch.Index;

/// <summary>
/// The file of an index: some readers side by side, and one writer. An index can be made anew from the documents, so a file that is damaged or of another version gives way to an empty one.
/// </summary>
internal sealed partial class IndexDatabase : IAsyncDisposable
{
    private readonly string _path;
    private readonly ILogger _logger;
    private readonly int _readersMax = Math.Clamp(Environment.ProcessorCount * 2, 2, 16);
    private readonly SemaphoreSlim _readers;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly ConcurrentBag<IndexSession> _idle = [];
    private IndexSession? _writer;
    private volatile int _generation;

    /// <summary>Grows whenever the index begins anew.</summary>
    public int Generation => _generation;
    private volatile bool _isClosed;

    public IndexDatabase(string path, ILogger logger)
    {
        (_path, _logger) = (Path.GetFullPath(path), logger);
        _readers = new SemaphoreSlim(_readersMax, _readersMax);
    }

    /// <summary>Opens the file, and makes it where there is none of use.</summary>
    /// <exception cref="YouSearchException">The file belongs to something else, or cannot be written.</exception>
    public void Open()
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            try
            {
                _writer = Connect();
            }
            catch (SqliteException failure) when (IndexSchema.IsDamage(failure) || failure.SqliteErrorCode == raw.SQLITE_ERROR)
            {
                LogDamaged(_path, failure.Message);
                SetAside();
                _writer = Connect();
            }
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new YouSearchException($"The index in {_path} cannot be opened: {failure.Message} Check that its folder may be written and has room.", failure);
        }
    }

    /// <summary>Reads one state of the index.</summary>
    public async ValueTask<T> ReadAsync<T>(Func<IndexSession, T> work, CancellationToken cancellationToken)
    {
        var (isDone, result) = await TryReadAsync(work, cancellationToken).ConfigureAwait(false);
        return isDone ? result! : (await TryReadAsync(work, cancellationToken, isLast: true).ConfigureAwait(false)).Result!;
    }

    /// <summary>Changes the index: completely and durably, or not at all.</summary>
    public async ValueTask WriteAsync(Action<IndexSession> work, CancellationToken cancellationToken)
    {
        await EnterAsync(_writing, cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(() => Write(work, cancellationToken), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isClosed = true;
        await _writing.WaitAsync().ConfigureAwait(false);
        await TakeReadersAsync().ConfigureAwait(false);
        Close();
        _readers.Release(_readersMax);
        _writing.Release();
    }

    private void Write(Action<IndexSession> work, CancellationToken cancellationToken)
    {
        for (var isLast = false; ; isLast = true)
        {
            try
            {
                (_writer ??= Connect()).InTransaction(
                    "BEGIN IMMEDIATE",
                    session =>
                    {
                        work(session);
                        return true;
                    },
                    cancellationToken);
                return;
            }
            catch (SqliteException failure) when (IndexSchema.IsDamage(failure) && !isLast)
            {
                StartAnew(failure, _generation);
            }
            catch (SqliteException failure)
            {
                throw Unusable(failure);
            }
        }
    }

    private async ValueTask<(bool IsDone, T? Result)> TryReadAsync<T>(Func<IndexSession, T> work, CancellationToken cancellationToken, bool isLast = false)
    {
        SqliteException damage;
        var generation = _generation;
        await EnterAsync(_readers, cancellationToken).ConfigureAwait(false);
        try
        {
            return (true, await Task.Run(() => Read(work, cancellationToken), CancellationToken.None).ConfigureAwait(false));
        }
        catch (SqliteException failure) when (IndexSchema.IsDamage(failure) && !isLast)
        {
            damage = failure;
        }
        catch (SqliteException failure)
        {
            throw Unusable(failure);
        }
        finally
        {
            _readers.Release();
        }

        await EnterAsync(_writing, cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(() => StartAnew(damage, generation), CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }

        return (false, default);
    }

    private T Read<T>(Func<IndexSession, T> work, CancellationToken cancellationToken)
    {
        if (!_idle.TryTake(out var session))
        {
            session = new IndexSession(_path);
            try
            {
                IndexSchema.Configure(session, isWriter: false);
            }
            catch
            {
                session.Dispose();
                throw;
            }
        }

        try
        {
            return session.InTransaction("BEGIN", work, cancellationToken);
        }
        finally
        {
            _idle.Add(session);
        }
    }

    private async ValueTask EnterAsync(SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isClosed, typeof(FtsIndex));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_isClosed)
        {
            gate.Release();
            throw new ObjectDisposedException(nameof(FtsIndex));
        }
    }

    private async Task TakeReadersAsync()
    {
        for (var taken = 0; taken < _readersMax; taken++)
        {
            await _readers.WaitAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Begins with an empty file. The caller is the one that may write.</summary>
    private void StartAnew(SqliteException damage, int generation)
    {
        TakeReadersAsync().GetAwaiter().GetResult();
        try
        {
            // Another who came upon the same damage may have been here first.
            if (generation != _generation)
            {
                return;
            }

            _generation++;
            LogDamaged(_path, damage.Message);
            Close();
            SetAside();
            _writer = Connect();
        }
        finally
        {
            _readers.Release(_readersMax);
        }
    }

    private IndexSession Connect()
    {
        CreatePrivate(_path);
        var session = new IndexSession(_path);
        try
        {
            switch (IndexSchema.Examine(session))
            {
                case IndexSchema.State.Foreign:
                    throw new YouSearchException($"{_path} is a database of something else. Name another file for the index.");
                case IndexSchema.State.Outdated:
                    session.Dispose();
                    LogOutdated(_path);
                    Delete();
                    return Connect();
                case IndexSchema.State.Empty:
                    IndexSchema.Create(session);
                    break;
            }

            IndexSchema.Configure(session, isWriter: true);
            IndexSearch.Probe(session);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }
}
