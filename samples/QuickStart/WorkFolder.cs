namespace QuickStart;

/// <summary>Is where nodes and sites keep what they have: a folder that goes at the end, or one that was named and stays.</summary>
internal sealed class WorkFolder : IDisposable
{
    private readonly bool _isTemporary;

    private WorkFolder(string path, bool isTemporary) => (Path, _isTemporary) = (path, isTemporary);

    public string Path { get; }

    /// <param name="path">The folder that was named; null for a temporary one.</param>
    /// <exception cref="IOException">There is something in it: what others have left there would be taken for what comes back.</exception>
    public static WorkFolder Open(string? path)
    {
        if (path is null)
        {
            return new(Directory.CreateTempSubdirectory("p2p-quickstart-").FullName, isTemporary: true);
        }

        var folder = Directory.CreateDirectory(path);
        return folder.EnumerateFileSystemInfos().Any()
            ? throw new IOException($"The folder '{folder.FullName}' is not empty; name another with --work, or none.")
            : new(folder.FullName, isTemporary: false);
    }

    /// <exception cref="IOException">The folder has no room for so many bytes.</exception>
    public void Require(long bytes)
    {
        var free = new DriveInfo(Path).AvailableFreeSpace;
        if (free < bytes)
        {
            throw new IOException($"The tour needs {bytes / 1e9:f1} GB in '{Path}', where {free / 1e9:f1} GB are free; name another folder with --work, or a smaller one with --input.");
        }
    }

    public void Dispose()
    {
        if (_isTemporary)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
