using System.Collections.Concurrent;
using System.IO.Enumeration;
using BackupTool.Trees;

namespace BackupTool.Files;

/// <summary>Reads what is in folders for a backup: everything but what is left out on purpose, and a report of what can't be kept.</summary>
/// <remarks>May be used from several threads, if what it reports to may.</remarks>
internal sealed class FileTree
{
    private static readonly EnumerationOptions AllNames = new() { AttributesToSkip = 0, IgnoreInaccessible = false, RecurseSubdirectories = false };

    private readonly FileTreeOptions _options;
    private readonly Action<string, string> _report;
    private readonly PathPatterns _excluded;
    private readonly ConcurrentDictionary<string, ulong> _devices = [];

    /// <param name="options">What is left out.</param>
    /// <param name="report">Takes a path that is not kept and why.</param>
    /// <exception cref="BackupException">A pattern of the options is none.</exception>
    public FileTree(FileTreeOptions options, Action<string, string> report)
    {
        _options = options;
        _report = report;
        _excluded = new PathPatterns(options.Excludes);
    }

    /// <summary>Describes what lies at a path, a symbolic link itself, without what it consists of; null, and a report, where that can't be kept.</summary>
    public TreeEntry? Stat(string path)
    {
        try
        {
            return FileStatus.Of(path).ToEntry(Path.GetFileName(Path.TrimEndingDirectorySeparator(path)), path);
        }
        catch (IOException exception)
        {
            _report(path, exception.Message);
            return null;
        }
    }

    /// <summary>Describes what is in a folder, ordered by the names' code units: no folder's content and no file's chunks.</summary>
    /// <param name="root">What is backed up: the folder itself, or one above it, written the same way.</param>
    /// <param name="folder">The folder. Where it can't be read that is reported, and it is empty.</param>
    public IReadOnlyList<TreeEntry> List(string root, string folder)
    {
        try
        {
            var device = _options.OneFileSystem ? _devices.GetOrAdd(root, path => FileStatus.Of(path).Device) : 0;
            if (_options.OneFileSystem && FileStatus.Of(folder).Device != device)
            {
                return [];
            }

            var names = Names(folder);
            if (_options.ExcludeCaches && names.Contains(CacheTag.Name) && CacheTag.IsAt(Path.Join(folder, CacheTag.Name)))
            {
                names = [CacheTag.Name];
            }

            names.Sort(StringComparer.Ordinal);
            var relative = Slashed(Path.GetRelativePath(root, folder)) is var below && below == "." ? "" : below + '/';
            var entries = new List<TreeEntry>(names.Count);
            foreach (var name in names.Distinct())
            {
                // Several names that are no Unicode look alike here, and like one that is.
                if (Describe(Path.Join(folder, name), name, relative + name, device) is { } entry)
                {
                    entries.Add(entry);
                }
            }

            return entries;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _report(folder, $"what is in this folder is not kept: {exception.Message}");
            return [];
        }
    }

    private static List<string> Names(string folder) =>
        [.. new FileSystemEnumerable<string>(folder, static (ref FileSystemEntry entry) => entry.FileName.ToString(), AllNames)];

    private static string Slashed(string path) => OperatingSystem.IsWindows() ? path.Replace('\\', '/') : path;

    /// <returns>Null where it is left out or can't be kept.</returns>
    private TreeEntry? Describe(string path, string name, string relative, ulong device)
    {
        // The framework puts this character where a name's bytes are no Unicode, and can't open the file by it.
        var isDamaged = name.Contains('\uFFFD', StringComparison.Ordinal);
        try
        {
            var status = FileStatus.Of(path);
            if (_excluded.Match(relative, Slashed(path), status.Kind is EntryKind.Folder)
                || (status.Kind is EntryKind.Folder && _options.ExcludedFolders.Contains(path))
                || (status.Kind is EntryKind.File && status.Length > _options.ExcludeLargerThan)
                || (_options.OneFileSystem && status.Kind is not EntryKind.Folder && status.Device != device))
            {
                return null;
            }

            return status.ToEntry(name, path);
        }
        catch (IOException exception)
        {
            if (!_excluded.Match(relative, Slashed(path), isFolder: false))
            {
                _report(path, isDamaged ? "its name is no valid Unicode, so that it can't be kept" : exception.Message);
            }

            return null;
        }
    }
}
