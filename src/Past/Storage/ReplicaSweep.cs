using Microsoft.Data.Sqlite;

namespace P2P.Past;

/// <summary>
/// Looks for what belongs to no replica: files and bytes that a fault has left, and rows whose bytes are gone. None of them comes from a crash alone, since each
/// step is written down before it is done.
/// </summary>
internal sealed class ReplicaSweep(ReplicaDirectory directory, ReplicaLedger ledger, GroupCommit commits, TimeProvider time)
{
    private const string StrayImages =
        "SELECT number FROM image WHERE NOT EXISTS (SELECT 1 FROM replica WHERE replica.number = image.number AND NOT is_file)";

    private const string RowsWithoutImage =
        "SELECT id FROM replica WHERE NOT is_file AND NOT EXISTS (SELECT 1 FROM image WHERE image.number = replica.number)";

    /// <summary>Puts files aside that are no replica's, and removes again what could not be removed before.</summary>
    public int SweepFiles(CancellationToken cancellationToken)
    {
        var found = 0;
        foreach (var (replica, _) in directory.Files.Enumerate())
        {
            cancellationToken.ThrowIfCancellationRequested();
            found += IsOrphan(replica) && TryPutAside(replica) ? 1 : 0;
        }

        return found;
    }

    /// <summary>Checks the form of the whole database, and removes bytes without a replica and replicas without bytes.</summary>
    /// <param name="forgetMissing">Takes a replica out of the books if its bytes are gone indeed, and tells whether it did.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<int> SweepDatabaseAsync(Func<FileId, ValueTask<bool>> forgetMissing, CancellationToken cancellationToken)
    {
        var (images, rows) = await Task.Run(Inspect, cancellationToken).ConfigureAwait(false);
        foreach (var number in images)
        {
            await commits.RunAsync(default, writer => writer.RemoveImage(number), removes: true, cancellationToken).ConfigureAwait(false);
        }

        var found = images.Count;
        foreach (var id in rows)
        {
            found += await forgetMissing(id).ConfigureAwait(false) ? 1 : 0;
        }

        return found;
    }

    private bool IsOrphan(StoredReplica file) =>
        !ledger.TryGet(file.FileId, out var record) || !record.IsFile || record.ReplicaCount != file.ReplicaCount;

    private bool TryPutAside(StoredReplica file)
    {
        // While it is claimed, nobody can begin to store a replica under the same name. What somebody is at is his.
        var (id, isFree) = (file.FileId, ledger.TryClaimFree(file.FileId));
        if (!isFree && !(ledger.TryGet(id, out _) && IsOrphan(file)))
        {
            return false;
        }

        directory.Files.Quarantine(id, file.ReplicaCount, time.GetUtcNow());
        if (isFree)
        {
            ledger.Release(id);
        }

        return true;
    }

    private (List<long> Images, List<FileId> Rows) Inspect()
    {
        try
        {
            using var connection = DatabaseFile.OpenForReading(directory.DatabasePath);
            if (connection.ReadScalar("PRAGMA integrity_check(1)") is string verdict and not "ok")
            {
                throw directory.Failure.Damaged(verdict);
            }

            return (
                [.. Read(connection, StrayImages, reader => reader.GetInt64(0))],
                [.. Read(connection, RowsWithoutImage, reader => FileId.FromBytes(reader.GetFieldValue<byte[]>(0)))]);
        }
        catch (SqliteException exception)
        {
            throw StorageFailure.IsDamage(exception)
                ? directory.Failure.Damaged(exception)
                : new PastException($"The database '{directory.DatabasePath}' can't be checked: {exception.Message}", exception);
        }
    }

    private static IEnumerable<T> Read<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> row)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            yield return row(reader);
        }
    }
}
