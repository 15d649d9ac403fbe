namespace QuickStart.Input;

/// <summary>
/// Lists what a folder holds at one moment. Links are not followed, since they may lead out of it or in circles, and what can't be read is passed over; both are counted.
/// </summary>
/// <param name="Path">The folder.</param>
/// <param name="Files">Its files, in the order of their names.</param>
/// <param name="EmptyFolders">The names of the folders in it that nothing is in.</param>
/// <param name="Skipped">How many files, folders and links were passed over.</param>
internal sealed record InputFolder(string Path, IReadOnlyList<InputFile> Files, IReadOnlyList<string> EmptyFolders, int Skipped)
{
    public long Bytes { get; } = Files.Sum(file => file.Length);

    public static InputFolder Read(string path)
    {
        var root = System.IO.Path.GetFullPath(path);
        var files = new List<InputFile>();
        var emptyFolders = new List<string>();
        var skipped = 0;
        var waiting = new Stack<DirectoryInfo>([new(root)]);
        while (waiting.TryPop(out var folder))
        {
            if (!TryList(folder, out var entries))
            {
                skipped++;
                continue;
            }

            var isEmpty = true;
            foreach (var entry in entries)
            {
                if (entry.Attributes.HasFlag(FileAttributes.ReparsePoint) || (entry is FileInfo file && !TryAdd(file)))
                {
                    skipped++;
                    continue;
                }

                isEmpty = false;
                if (entry is DirectoryInfo inner)
                {
                    waiting.Push(inner);
                }
            }

            if (isEmpty && folder.FullName != root)
            {
                emptyFolders.Add(NameOf(folder));
            }
        }

        return new(root, [.. files.OrderBy(file => file.Name, StringComparer.Ordinal)], [.. emptyFolders.Order(StringComparer.Ordinal)], skipped);

        string NameOf(FileSystemInfo entry) => System.IO.Path.GetRelativePath(root, entry.FullName).Replace(System.IO.Path.DirectorySeparatorChar, '/');

        bool TryAdd(FileInfo info)
        {
            var file = new InputFile(NameOf(info), info.FullName, info.Length);
            try
            {
                file.Open().Dispose();
                files.Add(file);
                return true;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
            {
                return false;
            }
        }
    }

    private static bool TryList(DirectoryInfo folder, out FileSystemInfo[] entries)
    {
        try
        {
            entries = folder.GetFileSystemInfos();
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            entries = [];
            return false;
        }
    }
}
