using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>
/// Makes a store's database anew: for a new store, for one of a format that knew files only, and where the old one is lost or damaged. Each replica says by itself
/// what the index must know, so what can still be read of a damaged database goes over into the new one.
/// </summary>
/// <remarks>The new one takes the place of the old one in steps that a crash may interrupt anywhere: see <see cref="TryFinish"/>.</remarks>
internal static class DatabaseRebuild
{
    private const string Unfinished = $"{DatabaseFile.Name}.new";
    private const string Finished = $"{DatabaseFile.Name}.rebuilt";

    private static readonly string[] OfOldDatabase = [$"{DatabaseFile.Name}-wal", $"{DatabaseFile.Name}-shm", DatabaseFile.Name];

    /// <summary>The files that a database, and one being made, consist of.</summary>
    public static IEnumerable<string> FileNames => [.. OfOldDatabase, Unfinished, $"{Unfinished}-wal", $"{Unfinished}-shm", Finished];

    /// <summary>Makes the database from the files in their places and, where there is one, from a damaged database.</summary>
    public static void Run(DurableDirectory root, ReplicaFiles files, string? damaged, DateTimeOffset now)
    {
        var connection = DatabaseFile.Create(root.Combine(Unfinished));
        using (var writer = new DatabaseWriter(connection))
        {
            writer.Begin();
            var known = new HashSet<FileId>();
            foreach (var (replica, length) in files.Enumerate())
            {
                // The same file under two counts was renamed by somebody; its certificate decides when it is read.
                if (known.Add(replica.FileId))
                {
                    writer.AddFile(replica.FileId, new ReplicaRecord(length, replica.ReplicaCount, IsFile: true));
                }
            }

            if (damaged is not null)
            {
                Salvage(damaged, writer, known);
            }

            writer.Commit();
            DatabaseFile.Complete(connection);
        }

        File.Move(root.Combine(Unfinished), root.Combine(Finished), overwrite: true);
        root.Flush();
        _ = TryFinish(root, files, now);
    }

    /// <summary>Puts a finished new database in the place of the old one, which is put aside. Tells whether there is a database then.</summary>
    public static bool TryFinish(DurableDirectory root, ReplicaFiles files, DateTimeOffset now)
    {
        var finished = root.Combine(Finished);
        if (File.Exists(finished))
        {
            // The log goes first: it must never lie beside a database that it does not belong to.
            foreach (var old in OfOldDatabase.Select(root.Combine).Where(File.Exists))
            {
                files.Quarantine(old, now);
                root.Flush();
            }

            File.Move(finished, root.Combine(DatabaseFile.Name));
            root.Flush();
        }

        return File.Exists(root.Combine(DatabaseFile.Name));
    }

    /// <summary>Copies every replica that is whole. Where pages can't be read, the search goes on behind them, in steps that grow.</summary>
    private static void Salvage(string damaged, DatabaseWriter writer, HashSet<FileId> known)
    {
        try
        {
            using var connection = DatabaseFile.OpenForReading(damaged);
            SalvageReclaims(connection, writer);
            for (var (next, step) = (long.MinValue, 1L); step < 1L << 40;)
            {
                try
                {
                    if (Copy(connection, ref next, writer, known))
                    {
                        return;
                    }

                    step = 1;
                }
                catch (SqliteException exception) when (StorageFailure.IsUnreadable(exception))
                {
                    next = Math.Max(next, 0) + step;
                    step *= 2;
                }
            }
        }
        catch (SqliteException)
        {
            // Nothing can be read of it at all.
        }
    }

    /// <summary>Copies what can be read of the files that owners have taken back, up to the first damage.</summary>
    private static void SalvageReclaims(SqliteConnection damaged, DatabaseWriter writer)
    {
        try
        {
            using var command = damaged.CreateCommand();
            command.CommandText = "SELECT certificate, freed, at FROM reclaim";
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                if (ReclaimCertificate.TryRead(reader.GetFieldValue<byte[]>(0), out var certificate))
                {
                    writer.AddReclaim(new ReclaimedReplica(
                        certificate, reader.IsDBNull(1) ? null : reader.GetInt64(1), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2))));
                }
            }
        }
        catch (SqliteException)
        {
            // The rest is forgotten; what its owners have taken back may come again from those who were away.
        }
    }

    /// <summary>Copies what comes from a number on.</summary>
    /// <param name="damaged">The database to read.</param>
    /// <param name="next">The number; moves on past each image that was read.</param>
    /// <param name="writer">Takes the copies.</param>
    /// <param name="known">The replicas that are there already.</param>
    /// <returns>True at the end.</returns>
    private static bool Copy(SqliteConnection damaged, ref long next, DatabaseWriter writer, HashSet<FileId> known)
    {
        const int PageSize = 256;
        using var command = damaged.CreateCommand();
        command.CommandText = $"SELECT number, bytes FROM image WHERE number >= $next ORDER BY number LIMIT {PageSize}";
        command.Parameters.AddWithValue("$next", next);
        using var reader = command.ExecuteReader();
        var count = 0;
        for (; reader.Read(); count++)
        {
            var image = reader.GetFieldValue<byte[]>(1);
            if (SmallReplicaContent.TryOpen(image) is { } replica && known.Add(replica.FileId))
            {
                writer.AddSmall(replica.FileId, ReplicaRecord.Of(replica), image);
            }

            next = reader.GetInt64(0) + 1;
        }

        return count < PageSize;
    }
}
