using System.Collections;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace P2P.Past;

/// <summary>
/// Reads a store's index from end to end. This is the one place that speaks to SQLite without the provider: opening a store reads every row, and a row through a
/// reader costs six times as much.
/// </summary>
/// <remarks>Throws <see cref="ArgumentException"/> for a row that can't be.</remarks>
internal sealed class IndexScan(SqliteConnection connection) : IEnumerable<(FileId Id, ReplicaRecord Record)>
{
    // One column for three, since each costs a call; -1 where what they say can't be.
    private const string Sql =
        """
        SELECT number, id, iif(length BETWEEN 0 AND 2199023255551 AND count BETWEEN 1 AND 64 AND is_file IN (0, 1), (length << 8) | (is_file << 7) | count, -1)
        FROM replica
        """;

    public IEnumerator<(FileId Id, ReplicaRecord Record)> GetEnumerator()
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle, Sql, out var statement), connection.Handle);
        using (statement)
        {
            int outcome;
            while ((outcome = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
            {
                var (number, rest) = (raw.sqlite3_column_int64(statement, 0), raw.sqlite3_column_int64(statement, 2));
                if (number is < 1 or > ReplicaRecord.NumberMax || rest < 0)
                {
                    throw new ArgumentException($"Row {number} of the index says what can't be.");
                }

                var id = FileId.FromBytes(raw.sqlite3_column_blob(statement, 1));
                yield return (id, new ReplicaRecord(rest >> 8, (int)rest & 0x7f, (rest & 0x80) != 0, number));
            }

            if (outcome != raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(outcome, connection.Handle);
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
