using System.Data.Common;

namespace P2P.YouServ.Storage;

/// <summary>A connection, and the transaction in which statements run. Parameters are <c>@p1</c>, <c>@p2</c>, … in the order of the values.</summary>
internal sealed class SqlSession(DbConnection connection) : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _prepared = new(StringComparer.Ordinal);

    public DbConnection Connection => connection;

    public DbTransaction? Transaction { get; set; }

    public async ValueTask<int> ExecuteAsync(string sql, params object?[] values) =>
        await Prepare(sql, values).ExecuteNonQueryAsync().ConfigureAwait(false);

    public async ValueTask<T?> ScalarAsync<T>(string sql, params object?[] values) =>
        await Prepare(sql, values).ExecuteScalarAsync().ConfigureAwait(false) is T value ? value : default;

    public async ValueTask<IReadOnlyList<T>> ListAsync<T>(Func<DbDataReader, T> read, string sql, params object?[] values)
    {
        var reader = await Prepare(sql, values).ExecuteReaderAsync().ConfigureAwait(false);
        await using (reader.ConfigureAwait(false))
        {
            var rows = new List<T>();
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }

    public async ValueTask<T?> FirstAsync<T>(Func<DbDataReader, T> read, string sql, params object?[] values)
        where T : class =>
        await ListAsync(read, sql, values).ConfigureAwait(false) is [var first, ..] ? first : null;

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _prepared.Values)
        {
            await command.DisposeAsync().ConfigureAwait(false);
        }

        await connection.DisposeAsync().ConfigureAwait(false);
    }

    private DbCommand Prepare(string sql, object?[] values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this folder; what comes from outside is a parameter.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 1; i <= values.Length; i++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@p{i}";
                command.Parameters.Add(parameter);
            }

            _prepared.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        command.Transaction = Transaction;
        return command;
    }
}
