using Microsoft.Win32.SafeHandles;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>The disk of a copy: what comes is gathered beside the site's folder, made durable, and then moved into its place, so that visitors see each file as it was or as it is to be.</summary>
internal sealed class CopyFolder
{
    private const long Reserve = 1L << 30;

    private readonly string _files;
    private readonly string _incoming;

    /// <param name="files">The folder that is served.</param>
    /// <param name="incoming">Where files are gathered; on the same disk.</param>
    public CopyFolder(string files, string incoming)
    {
        (_files, _incoming) = (Path.GetFullPath(files), Path.GetFullPath(incoming));
        Directory.CreateDirectory(files);
        Directory.CreateDirectory(incoming);
    }

    /// <summary>How many bytes copies may still take of the disk: the rest is for the machine's owner.</summary>
    public long FreeBytes => new DriveInfo(_incoming).AvailableFreeSpace - Reserve;

    /// <summary>Where a file of the copy is.</summary>
    /// <exception cref="InvalidDataException">On this system a name in it would mean something else: a place outside of the copy, or a device.</exception>
    public string PathOf(SitePath path)
    {
        var full = path.IsRoot ? _files : Path.GetFullPath(Path.Combine(_files, path.Value.Replace('/', Path.DirectorySeparatorChar)));
        return path.IsRoot || (full.StartsWith(_files + Path.DirectorySeparatorChar, StringComparison.Ordinal) && path.Value.Split('/').All(CheckedSiteFolder.IsNameHere))
            ? full
            : throw new InvalidDataException($"The site has '{path}', which no file can be called here.");
    }

    /// <summary>Tells whether two names may be one on this machine's disks.</summary>
    public static bool FoldsNames => !OperatingSystem.IsLinux();

    /// <summary>Where a file is gathered.</summary>
    public string Incoming(string name) => Path.Combine(_incoming, name);

    /// <summary>Forgets what was gathered before, but for parts of large files, which may be wanted still.</summary>
    public void CleanIncoming(Func<string, bool> isWanted)
    {
        foreach (var path in Directory.EnumerateFiles(_incoming).Where(path => !isWanted(Path.GetFileName(path))).ToList())
        {
            File.Delete(path);
        }
    }

    /// <summary>Opens a file that is being gathered.</summary>
    public static SafeFileHandle Open(string path, bool isNew) => File.OpenHandle(
        path, isNew ? FileMode.Create : FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, FileOptions.None);

    /// <summary>Makes all that was written durable.</summary>
    public void Flush(IEnumerable<string> written)
    {
        if (OperatingSystem.IsLinux())
        {
            // One call for all of them: a disk does a thousand small files in the time of a few.
            using var any = File.OpenHandle(Incoming(".flush"), FileMode.OpenOrCreate, FileAccess.Write);
            if (Linux.FlushFileSystem(any) == 0)
            {
                return;
            }
        }

        foreach (var path in written.Where(File.Exists))
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.FlushToDisk(file);
        }
    }

    /// <summary>Removes what has to go from a folder.</summary>
    public void Remove(SitePath folder, IEnumerable<TreeEntry> entries)
    {
        foreach (var entry in entries)
        {
            var path = PathOf(folder.Append(entry.Name));
            if (entry.IsFolder && Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else if (!entry.IsFolder)
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Removes what is not served any more, since names with a dot in front do not belong to the site.</summary>
    public void RemoveHidden()
    {
        foreach (var path in Directory.EnumerateFileSystemEntries(_files, ".*", SearchOption.AllDirectories).ToList())
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
    }

    /// <summary>Gives a file the moment of its last change.</summary>
    public static void Touch(string path, TreeEntry entry) => File.SetLastWriteTimeUtc(path, ModifiedOf(entry));

    private static DateTime ModifiedOf(TreeEntry entry) => DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(entry.Modified, 0, MomentMax)).UtcDateTime;

    private static long MomentMax => DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
}
