using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace P2P.YouSearch.Index;

/// <summary>A prepared statement. It speaks to SQLite directly: the ADO.NET provider costs several times as much a row, and can bind no text that is UTF-8 already.</summary>
internal sealed class SqlStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;

    public SqlStatement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement), database);
    }

    /// <summary>Binds a number to a parameter, which count from 1.</summary>
    public SqlStatement Bind(int parameter, long value) => Check(raw.sqlite3_bind_int64(_statement, parameter, value));

    /// <summary>Binds a text, with the NULs that may be in it: two areas must not become one.</summary>
    public SqlStatement Bind(int parameter, string? value) => value is null ? Check(raw.sqlite3_bind_null(_statement, parameter)) : BindText(parameter, Encoding.UTF8.GetBytes(value));

    /// <summary>Binds a text in UTF-8.</summary>
    public SqlStatement BindText(int parameter, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_text(_statement, parameter, value));

    /// <summary>Binds bytes.</summary>
    public SqlStatement BindBlob(int parameter, ReadOnlySpan<byte> value) => Check(raw.sqlite3_bind_blob(_statement, parameter, value));

    /// <summary>Goes to the next row.</summary>
    /// <returns>False if there is none; then the statement can be run again.</returns>
    public bool Step()
    {
        var outcome = raw.sqlite3_step(_statement);
        if (outcome == raw.SQLITE_ROW)
        {
            return true;
        }

        if (outcome != raw.SQLITE_DONE)
        {
            Fail(outcome);
        }

        Reset();
        return false;
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    public void Run()
    {
        while (Step())
        {
        }
    }

    /// <summary>Runs a statement for the number in its first row; 0 if there is none.</summary>
    public long Scalar()
    {
        var value = Step() ? Int64(0) : 0;
        Reset();
        return value;
    }

    public long Int64(int column) => raw.sqlite3_column_int64(_statement, column);

    public double Double(int column) => raw.sqlite3_column_double(_statement, column);

    public string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    public string? TextOrNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL ? null : Text(column);

    /// <summary>Gives a column's bytes, which are valid until the next step.</summary>
    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_statement, column);

    /// <summary>Ends reading, so that the statement can be run again and holds nothing.</summary>
    public void Reset() => _ = raw.sqlite3_reset(_statement);

    public void Dispose() => _statement.Dispose();

    private SqlStatement Check(int outcome)
    {
        if (outcome != raw.SQLITE_OK)
        {
            Fail(outcome);
        }

        return this;
    }

    private void Fail(int outcome)
    {
        try
        {
            SqliteException.ThrowExceptionForRC(outcome, _database);
        }
        finally
        {
            Reset();
        }
    }
}
