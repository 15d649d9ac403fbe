using System.Globalization;
using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace P2P.Past;

/// <summary>Knows where in a store's directory each file belongs, and moves files there so that they stay.</summary>
/// <remarks>
/// <code>
/// replicas/7f/41ad…7f.3     large replicas, by the last two digits of their ids; behind the id stands k
/// partial/41ad…7f           those being written, or interrupted
/// quarantine/41ad…7f.17…    what was damaged, and when that was found
/// </code>
/// Replicas are spread by the end of their ids, since the ids that one node stores all begin alike.
/// </remarks>
internal sealed class ReplicaFiles
{
    /// <summary>The names of the directories.</summary>
    public static readonly string[] Directories = ["replicas", "partial", "quarantine"];

    private readonly DurableDirectory _replicas;
    private readonly DurableDirectory _partial;
    private readonly DurableDirectory _quarantine;
    private readonly DurableDirectory[] _shards;
    private readonly bool _isDurable;

    public ReplicaFiles(string root, bool isDurable)
    {
        _isDurable = isDurable;
        _replicas = new DurableDirectory(Path.Combine(root, "replicas"), isDurable);
        _partial = new DurableDirectory(Path.Combine(root, "partial"), isDurable);
        _quarantine = new DurableDirectory(Path.Combine(root, "quarantine"), isDurable);
        _shards = [.. Enumerable.Range(0, 256).Select(shard => new DurableDirectory(_replicas.Combine($"{shard:x2}"), isDurable))];
    }

    public void CreateDirectories()
    {
        _partial.Create();
        _quarantine.Create();
        _replicas.Create();
        foreach (var shard in _shards)
        {
            shard.Create();
        }

        _replicas.Flush();
    }

    /// <summary>
    /// Gives the place of a large replica. Its name says how many replicas the file should have, so that a lost database is made anew without
    /// opening any.
    /// </summary>
    public string PathOf(FileId id, int replicaCount) => ShardOf(id).Combine(string.Create(CultureInfo.InvariantCulture, $"{id}.{replicaCount}"));

    public string PartialPathOf(FileId id) => _partial.Combine(id.ToString());

    /// <summary>Makes it durable that a partly written replica is there; its content is flushed by itself.</summary>
    public void FlushPartial() => _partial.Flush();

    /// <summary>Makes the bytes of a file durable.</summary>
    public void Flush(SafeFileHandle file)
    {
        if (_isDurable)
        {
            RandomAccess.FlushToDisk(file);
        }
    }

    /// <summary>Gives a completed file its place among the replicas, durably.</summary>
    public void Publish(FileId id, int replicaCount)
    {
        File.Move(PartialPathOf(id), PathOf(id, replicaCount), overwrite: true);
        ShardOf(id).Flush();
    }

    /// <summary>Removes a partly written replica, as far as that is possible.</summary>
    public void DiscardPartial(FileId id) => TryDelete(PartialPathOf(id));

    /// <summary>Removes what an abandoned writing left, as far as that is possible.</summary>
    public void Discard(FileId id, int replicaCount)
    {
        DiscardPartial(id);
        TryDelete(PathOf(id, replicaCount)); // Where the flush after the move failed, the replica lies in its place and nobody was told.
    }

    /// <summary>Removes a replica, durably.</summary>
    public void Delete(FileId id, int replicaCount)
    {
        File.Delete(PathOf(id, replicaCount));
        ShardOf(id).Flush();
    }

    /// <summary>Puts a replica aside, durably.</summary>
    public void Quarantine(FileId id, int replicaCount, DateTimeOffset now)
    {
        var aside = _quarantine.Combine($"{id}.{now.ToUnixTimeMilliseconds()}");
        File.Move(PathOf(id, replicaCount), aside, overwrite: true);
        File.SetLastWriteTimeUtc(aside, now.UtcDateTime);
        ShardOf(id).Flush();
    }

    /// <summary>Puts bytes aside that were a replica.</summary>
    public void Quarantine(FileId id, ReadOnlySpan<byte> replica, DateTimeOffset now)
    {
        var aside = _quarantine.Combine($"{id}.{now.ToUnixTimeMilliseconds()}");
        using (var file = OpenForWriting(aside, FileMode.Create))
        {
            file.Write(replica);
        }

        File.SetLastWriteTimeUtc(aside, now.UtcDateTime);
    }

    /// <summary>Puts a file of the store aside that is no replica, such as a damaged database.</summary>
    public void Quarantine(string path, DateTimeOffset now)
    {
        var aside = _quarantine.Combine($"{Path.GetFileName(path)}.{now.ToUnixTimeMilliseconds()}");
        File.Move(path, aside, overwrite: true);
        File.SetLastWriteTimeUtc(aside, now.UtcDateTime);
    }

    /// <summary>Walks through all replicas that are files, as their names tell of them.</summary>
    public IEnumerable<(StoredReplica Replica, long Length)> Enumerate()
    {
        foreach (var shard in _shards)
        {
            foreach (var (name, length) in FilesOf(shard))
            {
                if (TryParse(name, out var replica) && ShardOf(replica.FileId) == shard)
                {
                    yield return (replica, length);
                }
            }
        }
    }

    /// <summary>
    /// Brings to an end what a former process was at: files whose replicas were committed go to their place, interrupted ones into the
    /// books, and what is too old is removed.
    /// </summary>
    public void Recover(ReplicaLedger ledger, DiskReplicaStoreOptions options)
    {
        var now = options.Time.GetUtcNow().UtcDateTime;
        foreach (var (name, length) in FilesOf(_partial))
        {
            if (!FileId.TryParse(name, null, out var id))
            {
                continue;
            }

            if (ledger.TryGet(id, out var record) && record.IsFile && !File.Exists(PathOf(id, record.ReplicaCount)))
            {
                Publish(id, record.ReplicaCount);
            }
            else
            {
                RecoverPartial(id, length, ledger, now - options.PartialRetention);
            }
        }

        var outdated = now - options.QuarantineRetention;
        foreach (var file in new DirectoryInfo(_quarantine.Path).EnumerateFiles().Where(file => file.LastWriteTimeUtc < outdated))
        {
            file.Delete();
        }
    }

    /// <summary>Creates a file that only its owner may read, or opens it again.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether to create it.</param>
    public static FileStream OpenForWriting(string path, FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows() && mode != FileMode.Open)
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(path, options);
    }

    private static FileSystemEnumerable<(string Name, long Length)> FilesOf(DurableDirectory directory) =>
        new(directory.Path, (ref entry) => (entry.FileName.ToString(), entry.Length))
        {
            // Names in capitals would be other files.
            ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && !entry.FileName.ContainsAnyInRange('A', 'F'),
        };

    private static bool TryParse(string name, out StoredReplica replica)
    {
        const int Dot = FileId.ByteLength * 2;
        var isReplica = FileId.TryParse(name.AsSpan(0, Math.Min(Dot, name.Length)), null, out var id);
        var isCounted = int.TryParse(name.AsSpan(Math.Min(Dot + 1, name.Length)), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            && count is >= 1 and <= FileCertificate.ReplicaCountMax;
        replica = new StoredReplica(id, count);

        // A number with zeros before it would be another name of the same.
        return isReplica && isCounted && name.Length > Dot + 1 && name[Dot] == '.' && name[Dot + 1] != '0';
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The caller has to hear of the failure that made it abandon, not of this one; the next opening or sweep cleans up.
        }
    }

    private DurableDirectory ShardOf(FileId id)
    {
        Span<byte> bytes = stackalloc byte[FileId.ByteLength];
        id.WriteBytes(bytes);
        return _shards[bytes[^1]];
    }

    private void RecoverPartial(FileId id, long length, ReplicaLedger ledger, DateTime oldest)
    {
        var path = PartialPathOf(id);
        FileCertificate? certificate = null;
        if (!ledger.Contains(id) && File.GetLastWriteTimeUtc(path) >= oldest)
        {
            using var file = File.OpenHandle(path);
            certificate = ReplicaFile.ReadCertificate(file);
        }

        if (certificate?.FileId == id)
        {
            ledger.AddSuspended(id, Math.Min(length, ReplicaFile.LengthOf(certificate)), File.GetLastWriteTimeUtc(path));
        }
        else
        {
            File.Delete(path);
        }
    }
}
