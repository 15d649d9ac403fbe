namespace P2P.YouServ.Hosting;

/// <summary>Tells at once that something in a folder has changed, where the system says so. It may say nothing, or too much: who must know looks.</summary>
internal sealed class FolderWatch : IDisposable
{
    private readonly FileSystemWatcher _watcher;

    private FolderWatch(FileSystemWatcher watcher) => _watcher = watcher;

    /// <returns>The watch; null if the system has none to give, as it has a bounded number.</returns>
    public static FolderWatch? TryStart(string path, Action changed)
    {
        FileSystemWatcher? watcher = null;
        try
        {
            watcher = new FileSystemWatcher(path)
            {
                IncludeSubdirectories = true,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            };
            watcher.Changed += (_, _) => changed();
            watcher.Created += (_, _) => changed();
            watcher.Deleted += (_, _) => changed();
            watcher.Renamed += (_, _) => changed();
            watcher.Error += (_, _) => changed();
            watcher.EnableRaisingEvents = true;
            return new(watcher);
        }
        catch (Exception failure) when (failure is IOException or ArgumentException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            watcher?.Dispose();
            return null;
        }
    }

    public void Dispose() => _watcher.Dispose();
}
