using System.Globalization;
using System.IO.Enumeration;

namespace P2P.Past;

/// <summary>
/// Owns the directory of a <see cref="FileReplicaStore"/>: who may use it, in which format it is, and where each file belongs.
/// </summary>
/// <remarks>
/// <code>
/// store.json                the format's version
/// lock                      held as long as a store is open
/// replicas/7f/41ad…7f.3     whole replicas, by the last two digits of their ids; behind the id stands k
/// partial/41ad…7f           replicas being written, or interrupted
/// quarantine/41ad…7f.17…    damaged replicas, and when they were found
/// </code>
/// Replicas are spread by the end of their ids, since the ids that one node stores all begin alike.
/// </remarks>
internal sealed class ReplicaDirectory : IDisposable
{
    private const string LockFile = "lock";

    private static readonly string[] OwnEntries = [FormatFile.Name, FormatFile.TemporaryName, LockFile, "replicas", "partial", "quarantine", "lost+found"];

    private readonly DurableDirectory _root;
    private readonly DurableDirectory _partial;
    private readonly DurableDirectory _quarantine;
    private readonly DurableDirectory[] _shards;
    private readonly FileStream _lock;

    private ReplicaDirectory(string path)
    {
        _root = new DurableDirectory(path);
        _partial = new DurableDirectory(_root.Combine("partial"));
        _quarantine = new DurableDirectory(_root.Combine("quarantine"));
        _shards = [.. Enumerable.Range(0, 256).Select(shard => new DurableDirectory(Path.Combine(path, "replicas", $"{shard:x2}")))];

        var isNew = !FormatFile.Exists(_root);
        if (isNew)
        {
            RefuseForeign();
            _root.Create();
        }

        _lock = TakeLock();
        try
        {
            if (isNew)
            {
                // The format comes last: where it stands, the directories do.
                CreateDirectories();
                FormatFile.Write(_root);
            }

            FormatFile.Check(_root);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Opens or creates the directory, for this process alone.</summary>
    /// <exception cref="PastException">The directory can't be used; the message says why and what to do.</exception>
    public static ReplicaDirectory Open(string path)
    {
        try
        {
            return new ReplicaDirectory(Path.GetFullPath(path));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new PastException(
                $"The replica store's directory '{path}' can't be used: {exception.Message} "
                + "Choose a directory on a writable disk that this user may write to.",
                exception);
        }
    }

    /// <summary>
    /// Gives the place of a whole replica. Its name says how many replicas the file should have, so that opening a store reads that for all of
    /// them without opening any.
    /// </summary>
    public string PathOf(FileId id, int replicaCount) => ShardOf(id).Combine(string.Create(CultureInfo.InvariantCulture, $"{id}.{replicaCount}"));

    public string PartialPathOf(FileId id) => _partial.Combine(id.ToString());

    /// <summary>Gives a completed file its place among the whole replicas, durably.</summary>
    public void Publish(FileId id, int replicaCount)
    {
        File.Move(PartialPathOf(id), PathOf(id, replicaCount), overwrite: true);
        ShardOf(id).Flush();
    }

    /// <summary>Removes what an abandoned writing left, as far as that is possible.</summary>
    public void Discard(FileId id, string path)
    {
        DiscardPartial(id);
        TryDelete(path); // Where the flush after the rename failed, the replica lies in its place and nobody was told.
    }

    /// <summary>Removes a partly written replica, as far as that is possible.</summary>
    public void DiscardPartial(FileId id) => TryDelete(PartialPathOf(id));

    /// <summary>Removes a whole replica, durably.</summary>
    public void Delete(FileId id, string path)
    {
        File.Delete(path);
        ShardOf(id).Flush();
    }

    /// <summary>Puts a damaged replica aside, durably.</summary>
    public void Quarantine(FileId id, string path, DateTimeOffset now)
    {
        var aside = _quarantine.Combine($"{id}.{now.ToUnixTimeMilliseconds()}");
        File.Move(path, aside, overwrite: true);
        File.SetLastWriteTimeUtc(aside, now.UtcDateTime);
        ShardOf(id).Flush();
    }

    /// <summary>
    /// Enters what a former process left into the books, and removes what is too old. Reads names and lengths of whole replicas, no
    /// content.
    /// </summary>
    public void Recover(ReplicaLedger ledger, FileReplicaStoreOptions options)
    {
        foreach (var shard in _shards)
        {
            foreach (var (name, length) in FilesOf(shard))
            {
                if (TryParse(name, out var replica) && ShardOf(replica.FileId) == shard && !ledger.Contains(replica.FileId))
                {
                    ledger.AddWhole(replica.FileId, new ReplicaRecord(length, replica.ReplicaCount));
                }
            }
        }

        var now = options.Time.GetUtcNow().UtcDateTime;
        foreach (var (name, length) in FilesOf(_partial))
        {
            if (FileId.TryParse(name, null, out var id))
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

    /// <summary>Says in the package's terms what the disk refused.</summary>
    public PastException Failure(FileId id, Exception exception) =>
        IsDiskFull(exception)
            ? new ReplicaStoreFullException($"The disk of the replica store '{_root.Path}' is full; the replica of {id} was not stored.", exception)
            : new PastException($"The replica store '{_root.Path}' failed on the replica of {id}: {exception.Message}", exception);

    public void Dispose() => _lock.Dispose();

    private static bool IsDiskFull(Exception exception) =>
        exception is IOException && (exception.HResult & 0xFFFF) is var code
        && (OperatingSystem.IsWindows() ? code is 0x27 or 0x70 : code is 28 or 69 or 122); // ENOSPC, EDQUOT of macOS, EDQUOT of Linux

    private static bool IsShared(IOException exception) =>
        (exception.HResult & 0xFFFF) is var code && (OperatingSystem.IsWindows() ? code is 0x20 or 0x21 : code is 11 or 35); // EWOULDBLOCK

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
            && count is >= 1 and <= FileCertificate.MaxReplicaCount;
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
            // The caller has to hear of the failure that made it abandon, not of this one; the next opening cleans up.
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

    private void RefuseForeign()
    {
        var foreign = Directory.Exists(_root.Path)
            ? Directory.EnumerateFileSystemEntries(_root.Path).Select(Path.GetFileName).FirstOrDefault(name => !OwnEntries.Contains(name))
            : null;
        if (foreign is not null)
        {
            throw new PastException(
                $"The directory '{_root.Path}' is no replica store and holds other things, such as '{foreign}'. Choose an empty directory.");
        }
    }

    private FileStream TakeLock()
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            return new FileStream(_root.Combine(LockFile), options);
        }
        catch (IOException exception) when (IsShared(exception))
        {
            throw new PastException(
                $"The replica store '{_root.Path}' is open already, in this process or another. Give each node a directory of its own.", exception);
        }
    }

    private void CreateDirectories()
    {
        _partial.Create();
        _quarantine.Create();
        var replicas = new DurableDirectory(_root.Combine("replicas"));
        replicas.Create();
        foreach (var shard in _shards)
        {
            shard.Create();
        }

        replicas.Flush();
    }
}
