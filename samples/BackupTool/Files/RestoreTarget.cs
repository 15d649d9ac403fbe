using System.Collections.Concurrent;
using BackupTool.Trees;

namespace BackupTool.Files;

/// <summary>Writes a tree from a backup below a folder, and nothing outside of it, whatever the backup and the folder contain: no name leads out, and no link is followed.</summary>
/// <remarks>
/// An engine makes folders, files and links from <see cref="Root"/> on, from as many threads as it likes, and calls <see cref="Finish"/> when all
/// are made. What can't be written is reported by its path and why, and the rest goes on.
/// </remarks>
internal sealed class RestoreTarget : IDisposable
{
    /// <summary>How the names of files begin that are not whole yet.</summary>
    public const string UnfinishedPrefix = ".p2p-backup-unfinished-";

    private const int FilesOpenMax = 128;

    private readonly string _folder;
    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly Action<string, string> _report;
    private readonly Lock _lock = new();
    private readonly List<(RestoredFolder Folder, TreeEntry Entry)> _unfinished = [];
    private int _problemCount;
    private int _keptCount;
    private long _unfinishedCount;

    /// <param name="folder">The target, which is made where it is missing.</param>
    /// <param name="keepsExisting">Whether files and links that are there already stay as they are, rather than being replaced.</param>
    /// <param name="report">Takes a path below the target, and why nothing, or not everything, was written there; one at a time.</param>
    /// <exception cref="BackupException">The target can't be made or opened.</exception>
    public RestoreTarget(string folder, bool keepsExisting, Action<string, string> report)
    {
        _folder = folder;
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
        Clean(Root);
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

    /// <summary>Files that are on the disk and not whole yet.</summary>
    internal ConcurrentDictionary<RestoredFile, bool> Unfinished { get; } = [];

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

    /// <summary>Removes the files that are not whole, where the restore was broken off.</summary>
    public void Dispose()
    {
        foreach (var file in Unfinished.Keys)
        {
            file.BreakOff();
        }

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

    internal string NewUnfinishedName() => $"{UnfinishedPrefix}{_run}-{Interlocked.Increment(ref _unfinishedCount)}";

    /// <summary>Removes from a folder what a restore has left there that was killed.</summary>
    internal void Clean(RestoredFolder folder)
    {
        try
        {
            foreach (var left in Directory.GetFiles(Path.Join(_folder, folder.Path), UnfinishedPrefix + "*"))
            {
                Disk.Remove(folder, Path.GetFileName(left));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is in nobody's way, and what is restored here is not the less for it.
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
