namespace Architecture.Tests;

/// <summary>Finds the files of this repository.</summary>
internal static class Repository
{
    private static readonly string Root = FindRoot();

    public static string PathTo(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathTo(relative)).ReplaceLineEndings("\n");

    /// <summary>Lists files by their path from the root, with slashes, in a stable order.</summary>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(PathTo(folder), pattern, SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/'))
            .Order(StringComparer.Ordinal)];

    /// <summary>Names the packages: the folders of src.</summary>
    public static IReadOnlyList<string> Packages() =>
        [.. Directory.EnumerateDirectories(PathTo("src")).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "P2P.Libraries.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests must run from within the repository: they read its sources.");
    }
}
