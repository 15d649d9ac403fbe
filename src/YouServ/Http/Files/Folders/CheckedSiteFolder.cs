using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Opens by name and then asks the system where the opened file really lies. For systems whose kernel can't keep a path beneath a folder: what is read is as safe as on
/// Linux, and what is changed is checked just before, which who swaps folders at the right moment gets around.
/// </summary>
internal sealed class CheckedSiteFolder : SiteFolder
{
    private static readonly SearchValues<char> NotInWindows = SearchValues.Create(":*?<>|\"");
    private static readonly EnumerationOptions AllEntries = new() { AttributesToSkip = 0 };
    private static readonly EnumerationOptions Whole = new() { AttributesToSkip = 0, IgnoreInaccessible = false };

    private readonly string _root;
    private readonly string _inside;

    public CheckedSiteFolder(string root)
    {
        if (!Directory.Exists(root))
        {
            throw new DirectoryNotFoundException($"There is no folder '{root}', or it can't be opened.");
        }

        _root = FinalPath.OfFolder(root);
        _inside = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar;
    }

    public override SiteEntry Find(SitePath path)
    {
        try
        {
            var info = Resolve(path);
            return info is null || !info.Exists ? SiteEntry.Missing : new(KindOf(info), StampOf(info));
        }
        catch (UnauthorizedAccessException)
        {
            return new(EntryKind.Unreadable, default);
        }
        catch (IOException)
        {
            return SiteEntry.Missing;
        }
    }

    public override byte[] NativeOf(SitePath path) => Encoding.UTF8.GetBytes(path.Value);

    public override bool IsUnchanged(byte[] native, in FileStamp stamp) =>
        Find(SitePath.Parse(Encoding.UTF8.GetString(native))) is { Kind: EntryKind.File } entry && entry.Stamp == stamp;

    public override SafeFileHandle? OpenFile(SitePath path, out SiteEntry entry)
    {
        entry = Find(path);
        if (entry.Kind != EntryKind.File)
        {
            return null;
        }

        try
        {
            var file = File.OpenHandle(NameOf(path), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (FinalPath.Of(file) is { } final && final.StartsWith(_inside, FinalPath.Comparison))
            {
                entry = new(EntryKind.File, StampOf(file));
                return file;
            }

            file.Dispose();
            entry = SiteEntry.Missing;
        }
        catch (UnauthorizedAccessException)
        {
            entry = new(EntryKind.Unreadable, default);
        }
        catch (IOException)
        {
            entry = SiteEntry.Missing;
        }

        return null;
    }

    public override FileStamp StampOf(SafeFileHandle file)
    {
        var modified = FileStamp.NanosecondsOf(File.GetLastWriteTimeUtc(file));
        return new(0, 0, RandomAccess.GetLength(file), modified, modified);
    }

    public override IEnumerable<NamedEntry> List(SitePath folder)
    {
        if (Find(folder).Kind != EntryKind.Folder)
        {
            yield break;
        }

        foreach (var info in new DirectoryInfo(NameOf(folder)).EnumerateFileSystemInfos("*", AllEntries))
        {
            if (SitePath.TryParse(info.Name, out var name) && Find(folder.Append(name.Value)) is { Kind: not EntryKind.Missing } entry)
            {
                yield return new(name.Value, entry);
            }
        }
    }

    public override List<NamedEntry>? ListWhole(SitePath folder)
    {
        try
        {
            return Find(folder).Kind != EntryKind.Folder
                ? null
                : [.. new DirectoryInfo(NameOf(folder)).EnumerateFileSystemInfos("*", Whole)
                    .Select(info => SitePath.TryParse(info.Name, out var name) ? new NamedEntry(name.Value, Find(folder.Append(name.Value))) : default)
                    .Where(entry => entry.Entry.Kind != EntryKind.Missing)];
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }

    public override ChangeOutcome CreateFolder(SitePath folder) => Change(folder, () =>
    {
        if (Path.Exists(NameOf(folder)))
        {
            return ChangeOutcome.Exists;
        }

        Directory.CreateDirectory(NameOf(folder));
        return ChangeOutcome.Done;
    });

    public override SafeFileHandle? OpenOwn(SitePath path) =>
        Find(path.Parent).Kind == EntryKind.Folder && Find(path).Kind is EntryKind.Missing or EntryKind.File
            ? File.OpenHandle(NameOf(path), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)
            : null;

    public override ChangeOutcome Move(SitePath from, SitePath to, bool overwrites) => Change(from, () =>
    {
        if (Find(to.Parent).Kind != EntryKind.Folder)
        {
            return ChangeOutcome.Missing;
        }

        if (Path.Exists(NameOf(to)) && (!overwrites || Directory.Exists(NameOf(to))))
        {
            return ChangeOutcome.Exists;
        }

        if (Directory.Exists(NameOf(from)))
        {
            Directory.Move(NameOf(from), NameOf(to));
        }
        else
        {
            File.Move(NameOf(from), NameOf(to), overwrites);
        }

        return ChangeOutcome.Done;
    });

    public override ChangeOutcome Delete(SitePath path) => Change(path, () =>
    {
        var folder = new DirectoryInfo(NameOf(path));
        if (folder.Exists)
        {
            folder.Delete(recursive: folder.LinkTarget is null);
            return ChangeOutcome.Done;
        }

        var file = new FileInfo(NameOf(path));
        if (!file.Exists && file.LinkTarget is null)
        {
            return ChangeOutcome.Missing;
        }

        file.Delete();
        return ChangeOutcome.Done;
    });

    public override long FreeBytes() => new DriveInfo(_root).AvailableFreeSpace;

    public override void Dispose()
    {
    }

    private static FileStamp StampOf(FileSystemInfo info)
    {
        var modified = FileStamp.NanosecondsOf(info.LastWriteTimeUtc);
        return new(0, 0, info is FileInfo file ? file.Length : 0, modified, modified);
    }

    private static EntryKind KindOf(FileSystemInfo info) =>
        info is DirectoryInfo ? EntryKind.Folder
        : FinalPath.IsRegular(info.FullName) ? EntryKind.File
        : EntryKind.Special;

    /// <summary>Tells whether a name means itself on this system, and no drive, stream or device.</summary>
    internal static bool IsNameHere(string name) =>
        !OperatingSystem.IsWindows() || (!name.AsSpan().ContainsAny(NotInWindows) && name[^1] is not ('.' or ' '));

    private ChangeOutcome Change(SitePath path, Func<ChangeOutcome> change)
    {
        if (path.IsRoot || Find(path.Parent).Kind != EntryKind.Folder)
        {
            return path.IsRoot ? ChangeOutcome.Refused : ChangeOutcome.Missing;
        }

        try
        {
            return change();
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return ChangeOutcome.Refused;
        }
    }

    private string NameOf(SitePath path) => path.IsRoot ? _root : Path.Combine(_root, path.Value.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>Follows every link on the way, and gives up as soon as one leads outside.</summary>
    private FileSystemInfo? Resolve(SitePath path)
    {
        FileSystemInfo? info = new DirectoryInfo(_root);
        foreach (var part in path.Value.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            // The name as the disk has it: where "Private" and "private" are one folder, a rule for one would not hold for the other.
            info = info is DirectoryInfo folder && IsNameHere(part)
                ? folder.EnumerateFileSystemInfos(part, AllEntries).FirstOrDefault(each => each.Name == part)
                : null;
            info = info?.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true);
            if (info is null || !info.FullName.StartsWith(_inside, FinalPath.Comparison))
            {
                return null;
            }
        }

        return info;
    }
}
