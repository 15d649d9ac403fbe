using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>Reads small replicas, and what was taken back, from a store's database, over as many connections as there are callers at a time, which it keeps.</summary>
internal sealed class DatabaseReaders(string path) : IDisposable
{
    private readonly ConcurrentBag<Reader> _idle = [];
    private volatile bool _disposed;

    /// <summary>Reads a replica's bytes, which prove nothing yet.</summary>
    /// <returns>Null where the database has none of that number.</returns>
    public byte[]? ReadImage(long number) => Read(number, static (reader, number) => reader.ReadImage(number));

    /// <summary>Reads what is remembered of a file that its owner has taken back.</summary>
    /// <returns>Null where nothing is.</returns>
    /// <exception cref="ReplicaCorruptException">The owner's certificate is damaged.</exception>
    public ReclaimedReplica? ReadReclaim(FileId id) => Read(id, static (reader, id) => reader.ReadReclaim(id));

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private TValue Read<TKey, TValue>(TKey key, Func<Reader, TKey, TValue> read)
    {
        var reader = _idle.TryTake(out var idle) ? idle : new Reader(path);
        TValue value;
        try
        {
            value = read(reader, key);
        }
        catch
        {
            reader.Dispose();
            throw;
        }

        _idle.Add(reader);
        if (_disposed)
        {
            Dispose();
        }

        return value;
    }

    private sealed class Reader : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _command;
        private readonly SqliteParameter _number;
        private readonly SqliteCommand _reclaim;
        private readonly SqliteParameter _id;

        public Reader(string path)
        {
            _connection = DatabaseFile.OpenForReading(path);
            _command = _connection.CreateCommand();
            _command.CommandText = "SELECT bytes FROM image WHERE number = $number";
            _number = _command.Parameters.AddWithValue("$number", 0L);
            _reclaim = _connection.CreateCommand();
            _reclaim.CommandText = "SELECT certificate, freed, at FROM reclaim WHERE id = $id";
            _id = _reclaim.Parameters.AddWithValue("$id", Array.Empty<byte>());
        }

        public byte[]? ReadImage(long number)
        {
            _number.Value = number;
            return (byte[]?)_command.ExecuteScalar();
        }

        public ReclaimedReplica? ReadReclaim(FileId id)
        {
            var bytes = new byte[FileId.ByteLength];
            id.WriteBytes(bytes);
            _id.Value = bytes;
            using var row = _reclaim.ExecuteReader();
            return !row.Read() ? null
                : ReclaimCertificate.TryRead(row.GetFieldValue<byte[]>(0), out var certificate)
                    ? new ReclaimedReplica(certificate, row.IsDBNull(1) ? null : row.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(2)))
                : throw new ReplicaCorruptException(id, $"What is remembered of {id}, which its owner took back, is damaged.");
        }

        public void Dispose()
        {
            _reclaim.Dispose();
            _command.Dispose();
            _connection.Dispose();
        }
    }
}
