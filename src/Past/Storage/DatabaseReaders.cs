using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>Reads small replicas from a store's database, over as many connections as there are callers at a time, which it keeps.</summary>
internal sealed class DatabaseReaders(string path) : IDisposable
{
    private readonly ConcurrentBag<Reader> _idle = [];
    private volatile bool _disposed;

    /// <summary>Reads a replica's bytes, which prove nothing yet.</summary>
    /// <returns>Null where the database has none of that number.</returns>
    public byte[]? ReadImage(long number)
    {
        var reader = _idle.TryTake(out var idle) ? idle : new Reader(path);
        byte[]? image;
        try
        {
            image = reader.ReadImage(number);
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

        return image;
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out var reader))
        {
            reader.Dispose();
        }
    }

    private sealed class Reader : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _command;
        private readonly SqliteParameter _number;

        public Reader(string path)
        {
            _connection = DatabaseFile.OpenForReading(path);
            _command = _connection.CreateCommand();
            _command.CommandText = "SELECT bytes FROM image WHERE number = $number";
            _number = _command.Parameters.AddWithValue("$number", 0L);
        }

        public byte[]? ReadImage(long number)
        {
            _number.Value = number;
            return (byte[]?)_command.ExecuteScalar();
        }

        public void Dispose()
        {
            _command.Dispose();
            _connection.Dispose();
        }
    }
}
