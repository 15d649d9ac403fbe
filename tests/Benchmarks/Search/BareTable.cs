using Microsoft.Data.Sqlite;

namespace Benchmarks.Search;

/// <summary>A table of FTS5 as it comes, with its own tokenizer and its own copy of the text: what any program would do first.</summary>
internal sealed class BareTable : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _query;

    public BareTable(string path)
    {
        _connection = new SqliteConnection($"Data Source={path};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL");
        Execute("PRAGMA synchronous = FULL");
        Execute("CREATE VIRTUAL TABLE texts USING fts5(title, body)");
        _query = _connection.CreateCommand();
        _query.CommandText = "SELECT rowid FROM texts WHERE texts MATCH $query ORDER BY rank LIMIT 10";
        _query.Parameters.Add("$query", SqliteType.Text);
    }

    /// <summary>Takes texts, in one transaction each batch.</summary>
    public void Insert(IReadOnlyList<string> texts, int batch)
    {
        using var insert = _connection.CreateCommand();
        insert.CommandText = "INSERT INTO texts (title, body) VALUES ($title, $body)";
        var (title, body) = (insert.Parameters.Add("$title", SqliteType.Text), insert.Parameters.Add("$body", SqliteType.Text));
        for (var first = 0; first < texts.Count; first += batch)
        {
            using var transaction = _connection.BeginTransaction();
            insert.Transaction = transaction;
            for (var i = first; i < Math.Min(first + batch, texts.Count); i++)
            {
                (title.Value, body.Value) = (IndexBenchmark.NameOf(i), texts[i]);
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    /// <summary>Finds the ten best.</summary>
    public int Search(string words)
    {
        _query.Parameters[0].Value = string.Join(' ', words.Split(' ').Select(word => $"\"{word}\""));
        using var rows = _query.ExecuteReader();
        var count = 0;
        while (rows.Read())
        {
            count++;
        }

        return count;
    }

    public void Dispose()
    {
        _query.Dispose();
        _connection.Dispose();
    }

    private void Execute(string sql)
    {
        using var command = _connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this class.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
