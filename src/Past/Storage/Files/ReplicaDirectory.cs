namespace P2P.Past;

/// <summary>
/// Owns the directory of a <see cref="DiskReplicaStore"/>: who may use it, in which format it is, and what it holds.
/// </summary>
/// <remarks>
/// <code>
/// store.json                the format's version
/// lock                      held as long as a store is open
/// replicas.db               the index and all small replicas; its log and the log's index lie beside it
/// replicas, partial, …      large replicas: see ReplicaFiles
/// </code>
/// </remarks>
internal sealed class ReplicaDirectory : IDisposable
{
    private const string LockFile = "lock";

    private readonly DurableDirectory _root;
    private readonly FileStream _lock;

    private ReplicaDirectory(string path, bool isDurable)
    {
        _root = new DurableDirectory(path);
        Files = new ReplicaFiles(path, isDurable);
        Failure = new StorageFailure(path);
        DatabasePath = _root.Combine(DatabaseFile.Name);
        var isNew = !FormatFile.Exists(_root);
        if (isNew)
        {
            RefuseForeign();
            _root.Create();
        }

        _lock = TakeLock();
        try
        {
            Format = isNew ? 0 : FormatFile.Read(_root);
        }
        catch
        {
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Knows the places of files.</summary>
    public ReplicaFiles Files { get; }

    /// <summary>Says what the disk refused.</summary>
    public StorageFailure Failure { get; }

    public string DatabasePath { get; }

    /// <summary>The format that the directory has; 0 where its creation is not complete.</summary>
    private int Format { get; set; }

    /// <summary>Opens or creates the directory, for this process alone, with a database of the current format.</summary>
    /// <exception cref="PastException">The directory can't be used; the message says why and what to do.</exception>
    public static ReplicaDirectory Open(DiskReplicaStoreOptions options)
    {
        try
        {
            var directory = new ReplicaDirectory(Path.GetFullPath(options.Directory), options.IsDurable);
            try
            {
                directory.Prepare(options);
                return directory;
            }
            catch
            {
                directory.Dispose();
                throw;
            }
        }
        catch (Exception exception) when (StorageFailure.Is(exception) || exception is NotSupportedException)
        {
            throw new PastException(
                $"The replica store's directory '{options.Directory}' can't be used: {exception.Message} "
                + "Choose a directory on a writable disk that this user may write to.",
                exception);
        }
    }

    /// <summary>Removes the files that were still to be removed when the last process ended.</summary>
    public void FinishRemovals(DatabaseWriter writer, ReplicaLedger ledger)
    {
        var removals = writer.Removals();
        if (removals.Count == 0)
        {
            return;
        }

        writer.Begin();
        foreach (var removal in removals)
        {
            if (!ledger.TryGet(removal.FileId, out var record) || !record.IsFile)
            {
                Files.Delete(removal.FileId, removal.ReplicaCount);
            }

            writer.Settle(removal.FileId);
        }

        writer.Commit();
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>Brings the directory to the current format. The format comes last: where it stands, all else does.</summary>
    private void Prepare(DiskReplicaStoreOptions options)
    {
        if (Format == 0)
        {
            Files.CreateDirectories();
        }

        var now = options.Time.GetUtcNow();
        if (Format < FormatFile.Current)
        {
            // What there is of a database was never in use: a former attempt came to no end.
            DatabaseRebuild.Run(_root, Files, damaged: null, now);
            FormatFile.Write(_root);
            Format = FormatFile.Current;
        }
        else if (options.Rebuild || !DatabaseRebuild.TryFinish(_root, Files, now))
        {
            DatabaseRebuild.Run(_root, Files, File.Exists(DatabasePath) ? DatabasePath : null, now);
        }
    }

    private void RefuseForeign()
    {
        string[] own = [FormatFile.Name, FormatFile.TemporaryName, LockFile, "lost+found", .. ReplicaFiles.Directories, .. DatabaseRebuild.FileNames];
        var foreign = Directory.Exists(_root.Path)
            ? Directory.EnumerateFileSystemEntries(_root.Path).Select(Path.GetFileName).FirstOrDefault(name => !own.Contains(name))
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

    private static bool IsShared(IOException exception) =>
        (exception.HResult & 0xFFFF) is var code && (OperatingSystem.IsWindows() ? code is 0x20 or 0x21 : code is 11 or 35); // EWOULDBLOCK
}
