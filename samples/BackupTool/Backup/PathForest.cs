namespace BackupTool.Backup;

/// <summary>Puts the paths of a backup into one tree: a folder that is backed up with all that is in it, or one that only leads there.</summary>
internal sealed class PathForest
{
    private readonly SortedDictionary<string, PathForest> _children = new(StringComparer.Ordinal);

    private PathForest(string name, string path) => (Name, Path) = (name, path);

    public string Name { get; }

    /// <summary>The absolute path; of what holds all, the root where that is backed up.</summary>
    public string Path { get; private set; }

    /// <summary>Whether all below it is backed up.</summary>
    public bool IsWhole { get; private set; }

    public IEnumerable<PathForest> Children => _children.Values;

    /// <param name="paths">Absolute paths. One that lies within another adds nothing.</param>
    public static PathForest Of(IEnumerable<string> paths)
    {
        var top = new PathForest("", "");
        foreach (var path in paths)
        {
            var (node, root) = (top, System.IO.Path.GetPathRoot(path)!);
            if (OperatingSystem.IsWindows())
            {
                node = node.Child(root.TrimEnd('\\', ':').Replace('\\', '_'), root);
            }

            foreach (var name in path[root.Length..].Split(System.IO.Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
            {
                node = node.Child(name, System.IO.Path.Join(node.Path.Length == 0 ? root : node.Path, name));
            }

            node.IsWhole = true;
            node.Path = node.Path.Length == 0 ? root : node.Path;
        }

        return top;
    }

    private PathForest Child(string name, string path) => _children.TryGetValue(name, out var child) ? child : _children[name] = new PathForest(name, path);
}
