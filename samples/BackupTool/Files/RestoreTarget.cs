using BackupTool.Trees;

namespace BackupTool.Files;

/// <summary>Writes a tree from a backup below a folder, and nothing outside of it, whatever the backup and the folder contain: no name leads out, and no link is followed.</summary>
/// <remarks>
/// An engine makes folders, files and links from <see cref="Root"/> on, from as many threads as it likes, and calls <see cref="Finish"/> when all
/// are made. What can't be written is reported by its path and why, and the rest goes on.
/// </remarks>
internal sealed class RestoreTarget : IDisposable
{
    private const int FilesOpenMax = 128;

    private readonly Action<string, string> _report;
    private readonly Lock _lock = new();
    private readonly List<(RestoredFolder Folder, TreeEntry Entry)> _unfinished = [];
    private int _problemCount;
    private int _keptCount;

    /// <param name="folder">The target, which is made where it is missing.</param>
    /// <param name="keepsExisting">Whether files and links that are there already stay as they are, rather than being replaced.</param>
    /// <param name="report">Takes a path below the target, and why nothing, or not everything, was written there; one at a time.</param>
    /// <exception cref="BackupException">The target can't be made or opened.</exception>
    public RestoreTarget(string folder, bool keepsExisting, Action<string, string> report)
    {
        _report = report;
        KeepsExisting = keepsExisting;
        try
        {
            Directory.CreateDirectory(folder);
            Disk = OperatingSystem.IsWindows() ? new WindowsDisk(folder) : new UnixDisk(folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"Nothing can be restored to '{folder}': {exception.Message}. Choose a folder that this user may write to.", exception);
        }

        Root = new RestoredFolder(this);
    }

    /// <summary>The target itself, which keeps its rights and times.</summary>
    public RestoredFolder Root { get; }

    /// <summary>How many problems were reported.</summary>
    public int ProblemCount => _problemCount;

    /// <summary>How many files and links were there already and were kept.</summary>
    public int KeptCount => _keptCount;

    internal IRestoreDisk Disk { get; }

    internal bool KeepsExisting { get; }

    internal OpenHandles Files { get; } = new(FilesOpenMax);

    /// <summary>Gives all folders their owners, rights and times, those within others first. Afterwards nothing more may be made.</summary>
    public void Finish()
    {
        Files.Dispose();

        // A folder was made after the one that it lies in.
        for (var i = _unfinished.Count - 1; i >= 0; i--)
        {
            var (folder, entry) = _unfinished[i];
            Try(folder.Path, () => Disk.Finish(folder, entry));
        }

        _unfinished.Clear();
    }

    public void Dispose()
    {
        Files.Dispose();
        Disk.Dispose();
    }

    internal void FinishLater(RestoredFolder folder, TreeEntry entry)
    {
        lock (_lock)
        {
            _unfinished.Add((folder, entry));
        }
    }

    internal void CountKept() => Interlocked.Increment(ref _keptCount);

    internal void Report(string path, string problem)
    {
        lock (_lock)
        {
            _problemCount++;
            _report(path, problem);
        }
    }

    /// <summary>Does something, and reports where the disk refuses it.</summary>
    internal bool Try(string path, Action act)
    {
        try
        {
            act();
            return true;
        }
        catch (IOException exception)
        {
            Report(path, exception.Message);
            return false;
        }
    }
}
