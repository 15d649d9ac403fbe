using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace P2P.YouSearch.Index;

/// <summary>A connection to the database of an index, and the statements that were prepared for it. One caller uses it at a time.</summary>
internal sealed class IndexSession : IDisposable
{
    /// <summary>Within this process there is a single writer; another that has the file open, or one that closes it, is waited for.</summary>
    private const int BusyTimeoutMilliseconds = 30_000;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqlStatement> _statements = new(StringComparer.Ordinal);

    public IndexSession(string path)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            _connection.Open();
            _ = raw.sqlite3_busy_timeout(_connection.Handle, BusyTimeoutMilliseconds);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Gives a statement, prepared once.</summary>
    /// <param name="sql">A constant; what comes from outside is a parameter.</param>
    public SqlStatement Prepare(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            _statements.Add(sql, statement = new SqlStatement(_connection.Handle!, sql));
        }

        return statement;
    }

    /// <summary>Runs a statement that is needed once.</summary>
    public void Execute(string sql)
    {
        using var statement = new SqlStatement(_connection.Handle!, sql);
        statement.Run();
    }

    /// <summary>Runs a statement that is needed once, for a number.</summary>
    public long Scalar(string sql)
    {
        using var statement = new SqlStatement(_connection.Handle!, sql);
        return statement.Scalar();
    }

    /// <summary>Runs something in a transaction: all of it has its effect, or nothing; and all reading sees the same state.</summary>
    /// <param name="begin">How the transaction begins.</param>
    /// <param name="work">What to do.</param>
    /// <param name="cancellationToken">Interrupts it.</param>
    public T InTransaction<T>(string begin, Func<IndexSession, T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var interrupts = cancellationToken.Register(static session => raw.sqlite3_interrupt(((IndexSession)session!)._connection.Handle), this);
        var isOver = false;
        try
        {
            Prepare(begin).Run();
            var result = work(this);
            cancellationToken.ThrowIfCancellationRequested();
            Prepare("COMMIT").Run();
            isOver = true;
            return result;
        }
        catch (SqliteException failure) when (failure.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("The index was asked to stop.", failure, cancellationToken);
        }
        finally
        {
            if (!isOver)
            {
                RollBack();
            }
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    /// <summary>A statement that failed may have ended the transaction itself; one that is being read would keep it open.</summary>
    private void RollBack()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Reset();
        }

        if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
        {
            _ = raw.sqlite3_exec(_connection.Handle, "ROLLBACK");
        }
    }
}
