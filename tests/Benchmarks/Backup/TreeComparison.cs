namespace Benchmarks.Backup;

/// <summary>Compares two folders by the framework's calls alone: names, contents, rights, times and where links lead.</summary>
internal static class TreeComparison
{
    /// <summary>Gives the first difference; null where there is none.</summary>
    public static string? Difference(string one, string other)
    {
        var (mine, theirs) = (Describe(one), Describe(other));
        return mine.Keys.Union(theirs.Keys).Order(StringComparer.Ordinal)
            .Select(path => (path, In: mine.GetValueOrDefault(path, "missing"), There: theirs.GetValueOrDefault(path, "missing")))
            .Where(pair => pair.In != pair.There)
            .Select(pair => $"{pair.path}: {pair.In}, restored: {pair.There}")
            .FirstOrDefault();
    }

    private static Dictionary<string, string> Describe(string root)
    {
        var options = new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true, IgnoreInaccessible = false };
        return new DirectoryInfo(root).EnumerateFileSystemInfos("*", options).Append(new DirectoryInfo(root)).ToDictionary(entry => Path.GetRelativePath(root, entry.FullName), Describe);
    }

    private static string Describe(FileSystemInfo entry) => entry switch
    {
        { LinkTarget: { } target } => $"link to {target} of {entry.LastWriteTimeUtc:O}",
        FileInfo file => $"{Rights(file)} {file.LastWriteTimeUtc:O} {file.Length} {Digest(file)}",
        _ => $"{Rights(entry)} {entry.LastWriteTimeUtc:O}",
    };

    private static string Rights(FileSystemInfo entry) => OperatingSystem.IsWindows() ? "" : entry.UnixFileMode.ToString();

    private static string Digest(FileInfo file)
    {
        using var content = file.OpenRead();
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content));
    }
}
