using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>Changes a store's database: what is done between beginning and committing becomes durable together. Not for concurrent use.</summary>
internal sealed class DatabaseWriter : IDisposable
{
    /// <summary>So many pages are given back at a time; 4 MiB.</summary>
    private const int ShrinkStepPages = 1024;

    private readonly SqliteConnection _connection;
    private readonly PreparedStatement _begin;
    private readonly PreparedStatement _commit;
    private readonly PreparedStatement _rollback;
    private readonly PreparedStatement _addReplica;
    private readonly PreparedStatement _addImage;
    private readonly PreparedStatement _removeReplica;
    private readonly PreparedStatement _removeImage;
    private readonly PreparedStatement _addRemoval;
    private readonly PreparedStatement _settle;
    private readonly PreparedStatement _addReclaim;
    private readonly PreparedStatement _forgetReclaim;
    private long _lastNumber;

    /// <summary>Writes over a connection, which it disposes of.</summary>
    public DatabaseWriter(SqliteConnection connection)
    {
        _connection = connection;
        _begin = new PreparedStatement(connection, "BEGIN IMMEDIATE");
        _commit = new PreparedStatement(connection, "COMMIT");
        _rollback = new PreparedStatement(connection, "ROLLBACK");
        _addReplica = new PreparedStatement(
            connection,
            "INSERT INTO replica (number, id, count, length, is_file) VALUES ($number, $id, $count, $length, $isFile)",
            "$number", "$id", "$count", "$length", "$isFile");
        _addImage = new PreparedStatement(connection, "INSERT INTO image (number, bytes) VALUES ($number, $bytes)", "$number", "$bytes");
        _removeReplica = new PreparedStatement(connection, "DELETE FROM replica WHERE number = $number", "$number");
        _removeImage = new PreparedStatement(connection, "DELETE FROM image WHERE number = $number", "$number");
        _addRemoval = new PreparedStatement(connection, "INSERT OR REPLACE INTO removal (id, count) VALUES ($id, $count)", "$id", "$count");
        _settle = new PreparedStatement(connection, "DELETE FROM removal WHERE id = $id", "$id");
        _addReclaim = new PreparedStatement(
            connection,
            "INSERT OR IGNORE INTO reclaim (id, certificate, freed, at) VALUES ($id, $certificate, $freed, $at)",
            "$id", "$certificate", "$freed", "$at");
        _forgetReclaim = new PreparedStatement(connection, "DELETE FROM reclaim WHERE id = $id", "$id");
        _lastNumber = Math.Max(connection.ReadNumber("SELECT ifnull(max(number), 0) FROM replica"), connection.ReadNumber("SELECT ifnull(max(number), 0) FROM image"));
    }

    public void Begin() => _begin.Run();

    public void Commit() => _commit.Run();

    public void Rollback()
    {
        try
        {
            _rollback.Run();
        }
        catch (SqliteException)
        {
            // The failure that is being handled has rolled back already.
        }
    }

    /// <summary>Adds a replica with all of its bytes.</summary>
    /// <returns>The number under which it is found.</returns>
    public long AddSmall(FileId id, ReplicaRecord record, byte[] image)
    {
        var number = AddReplica(id, record);
        _addImage.Run(number, image);
        return number;
    }

    /// <summary>Adds a replica that is a file, which is or will be in its place.</summary>
    /// <inheritdoc cref="AddSmall"/>
    public long AddFile(FileId id, ReplicaRecord record)
    {
        var number = AddReplica(id, record);
        _settle.Run(BytesOf(id));
        return number;
    }

    /// <summary>Removes a replica with its bytes, or one whose file is still to be removed.</summary>
    public void Remove(FileId id, ReplicaRecord record)
    {
        if (record.IsFile)
        {
            RemoveFile(id, record);
        }
        else
        {
            Remove(record.Number);
        }
    }

    /// <summary>Removes a replica and its bytes; a file that belonged to it is not there or not meant.</summary>
    public void Remove(long number)
    {
        _removeReplica.Run(number);
        _removeImage.Run(number);
    }

    /// <summary>Removes bytes that belong to no replica.</summary>
    public void RemoveImage(long number) => _removeImage.Run(number);

    /// <summary>Removes a replica whose file is still to be removed.</summary>
    private void RemoveFile(FileId id, ReplicaRecord record)
    {
        _removeReplica.Run(record.Number);
        _addRemoval.Run(BytesOf(id), record.ReplicaCount);
    }

    /// <summary>Remembers that an owner has taken a file back.</summary>
    public void AddReclaim(ReclaimedReplica reclaimed) => _addReclaim.Run(
        BytesOf(reclaimed.Certificate.FileId),
        reclaimed.Certificate.Encoded.ToArray(),
        reclaimed.FreedBytes is { } freed ? freed : DBNull.Value,
        reclaimed.ReclaimedAt.ToUnixTimeMilliseconds());

    /// <summary>Forgets that an owner has taken a file back.</summary>
    public void ForgetReclaim(FileId id) => _forgetReclaim.Run(BytesOf(id));

    /// <summary>Forgets the files that were taken back before a time.</summary>
    /// <returns>Which ones.</returns>
    public IReadOnlyList<FileId> ForgetReclaims(DateTimeOffset before)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "DELETE FROM reclaim WHERE at < $before RETURNING id";
        command.Parameters.AddWithValue("$before", before.ToUnixTimeMilliseconds());
        using var reader = command.ExecuteReader();
        var forgotten = new List<FileId>();
        while (reader.Read())
        {
            forgotten.Add(FileId.FromBytes(reader.GetFieldValue<byte[]>(0)));
        }

        return forgotten;
    }

    /// <summary>Forgets a removal: the file is gone.</summary>
    public void Settle(FileId id) => _settle.Run(BytesOf(id));

    /// <summary>Gives the replicas whose files are still to be removed.</summary>
    public IReadOnlyList<StoredReplica> Removals()
    {
        using var command = _connection.CreateCommand();
        command.CommandText = "SELECT id, count FROM removal";
        using var reader = command.ExecuteReader();
        var removals = new List<StoredReplica>();
        while (reader.Read())
        {
            removals.Add(new StoredReplica(FileId.FromBytes(reader.GetFieldValue<byte[]>(0)), reader.GetInt32(1)));
        }

        return removals;
    }

    /// <summary>Gives some of the space back to the disk that deletions have left, where that is more than a quarter of the database.</summary>
    /// <returns>Whether there is more to give back.</returns>
    public bool Shrink()
    {
        var free = _connection.ReadNumber("PRAGMA freelist_count");
        if (free < ShrinkStepPages || free < _connection.ReadNumber("PRAGMA page_count") / 4)
        {
            return false;
        }

        // Each step of the statement frees one page.
        using var command = _connection.CreateCommand();
        command.CommandText = $"PRAGMA incremental_vacuum({ShrinkStepPages})";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
        }

        return true;
    }

    public void Dispose() => _connection.Dispose();

    /// <summary>A number is never given twice while the store is open: who was to read the bytes of the one must not get those of the other.</summary>
    private long AddReplica(FileId id, ReplicaRecord record)
    {
        var number = ++_lastNumber;
        _addReplica.Run(number, BytesOf(id), record.ReplicaCount, record.Length, record.IsFile ? 1 : 0);
        return number;
    }

    private static byte[] BytesOf(FileId id)
    {
        var bytes = new byte[FileId.ByteLength];
        id.WriteBytes(bytes);
        return bytes;
    }
}
