using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>Is SQL that is prepared once. The connection disposes of it.</summary>
internal sealed class PreparedStatement
{
    private readonly SqliteCommand _command;

    public PreparedStatement(SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        _command = connection.CreateCommand();
        _command.CommandText = sql;
        foreach (var parameter in parameters)
        {
            _command.Parameters.Add(new SqliteParameter { ParameterName = parameter });
        }
    }

    public void Run(params ReadOnlySpan<object> values)
    {
        Bind(values);
        _command.ExecuteNonQuery();

        // An image is up to a leaf long; the statement would keep the last one.
        for (var place = 0; place < values.Length; place++)
        {
            _command.Parameters[place].Value = null;
        }
    }

    /// <summary>Reads all rows.</summary>
    public List<T> Read<T>(Func<SqliteDataReader, T> read, params ReadOnlySpan<object> values)
    {
        Bind(values);
        using var reader = _command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    private void Bind(ReadOnlySpan<object> values)
    {
        for (var place = 0; place < values.Length; place++)
        {
            _command.Parameters[place].Value = values[place];
        }
    }
}
