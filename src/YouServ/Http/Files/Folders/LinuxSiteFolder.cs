using System.Text;
using Microsoft.Win32.SafeHandles;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Lets the kernel keep every path beneath the folder (openat2(2) with RESOLVE_BENEATH), so that no swap of a link or a folder can come between a check and its use.
/// Where the kernel has no such call (before 5.6, or forbidden in a container), it goes from folder to folder and follows no link at all.
/// </summary>
internal sealed unsafe partial class LinuxSiteFolder : SiteFolder
{
    private const ulong Resolve = Linux.ResolveBeneath | Linux.ResolveNoMagicLinks;

    // A rename elsewhere on the disk while a link with ".." is resolved makes the kernel ask for another attempt.
    private const int AttemptsMax = 16;

    private readonly string _name;
    private readonly SafeFileHandle _root;
    private readonly bool _walks;

    private LinuxSiteFolder(string name, SafeFileHandle root, bool walks)
    {
        _name = name;
        _root = root;
        _walks = walks;
    }

    /// <summary>Opens a folder.</summary>
    /// <param name="name">Its name on the machine.</param>
    /// <param name="walks">Whether to go from folder to folder even where the kernel knows better.</param>
    public static LinuxSiteFolder Open(string name, bool walks = false)
    {
        var root = Linux.OpenRoot(name) ?? throw new DirectoryNotFoundException($"There is no folder '{name}', or it can't be opened.");
        return new(name, root, walks || !KernelKeepsBeneath(root));
    }

    public override SiteEntry Find(SitePath path)
    {
        fixed (byte* native = NativeOf(path))
        {
            return Find(native);
        }
    }

    public override byte[] NativeOf(SitePath path)
    {
        var text = path.IsRoot ? "." : path.Value;
        var bytes = new byte[Encoding.UTF8.GetByteCount(text) + 1];
        Encoding.UTF8.GetBytes(text, bytes);
        return bytes;
    }

    public override bool IsUnchanged(byte[] native, in FileStamp stamp)
    {
        fixed (byte* path = native)
        {
            var entry = Find(path);
            return entry.Kind == EntryKind.File && entry.Stamp == stamp;
        }
    }

    public override bool LooksUnchanged(byte[] native, in FileStamp stamp)
    {
        fixed (byte* path = native)
        {
            return Linux.StatBeyondLinks(_root, path, out var entry) == 0 && entry.Kind == EntryKind.File && entry.Stamp == stamp;
        }
    }

    public override SafeFileHandle? OpenFile(SitePath path, out SiteEntry entry)
    {
        fixed (byte* native = NativeOf(path))
        {
            // Looked at before it is opened: opening wakes the other end of a pipe, and what not of a device.
            entry = Find(native);
            if (entry.Kind != EntryKind.File)
            {
                return null;
            }

            var descriptor = Open(native, Linux.OpenRead | Linux.OpenNonBlocking, Resolve);
            if (descriptor < 0)
            {
                entry = new(KindOf(-descriptor), default);
                return null;
            }

            return Regular(descriptor, out entry);
        }
    }

    public override FileStamp StampOf(SafeFileHandle file)
    {
        var isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return StatOf((int)file.DangerousGetHandle()).Stamp;
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    public override IEnumerable<NamedEntry> List(SitePath folder)
    {
        using var listing = OpenListing(folder);
        foreach (var entry in listing is null ? [] : Read(listing, folder))
        {
            yield return entry;
        }
    }

    public override List<NamedEntry>? ListWhole(SitePath folder)
    {
        using var listing = OpenListing(folder);
        List<NamedEntry>? entries = listing is null ? null : [.. Read(listing, folder)];
        return listing is { HasFailed: false } ? entries : null;
    }

    private IEnumerable<NamedEntry> Read(LinuxListing listing, SitePath folder)
    {
        while (listing.Next() is { } name)
        {
            if (!SitePath.TryParse(name, out var parsed) || parsed.Value.Length != name.Length)
            {
                continue;
            }

            var entry = listing.Find(name, out var isLink);
            entry = isLink ? Find(folder.Append(name)) : entry;
            if (entry.Kind != EntryKind.Missing)
            {
                yield return new(name, entry);
            }
        }
    }

    public override void Dispose() => _root.Dispose();

    private static bool KernelKeepsBeneath(SafeFileHandle root)
    {
        fixed (byte* here = "."u8)
        {
            var descriptor = Linux.OpenBeneath(root, here, Linux.OpenPath, Resolve);
            if (descriptor >= 0)
            {
                _ = Linux.Close(descriptor);
            }

            return descriptor is not (-Linux.NoSystemCall or -Linux.NotPermitted);
        }
    }

    private static EntryKind KindOf(int error) => error switch
    {
        Linux.AccessDenied or Linux.NotPermitted => EntryKind.Unreadable,
        Linux.NoEntry or Linux.NotAFolder or Linux.TooManyLinks or Linux.OtherDevice or Linux.NameTooLong or Linux.TryAgain or Linux.IsAFolder => EntryKind.Missing,
        _ => throw new IOException($"The system can't open a file of the site: error {error}."),
    };

    private static SafeFileHandle? Regular(int descriptor, out SiteEntry entry)
    {
        entry = StatOf(descriptor);
        if (entry.Kind == EntryKind.File)
        {
            return new(descriptor, ownsHandle: true);
        }

        _ = Linux.Close(descriptor);
        return null;
    }

    private static SiteEntry StatOf(int descriptor)
    {
        byte none = 0;
        var error = Linux.Stat(descriptor, &none, out var entry, out var isLink);
        return error != 0 ? throw new IOException($"The system can't tell the state of an open file: error {-error}.")
            : isLink ? SiteEntry.Missing
            : entry;
    }

    private SiteEntry Find(byte* native)
    {
        var descriptor = Open(native, Linux.OpenPath, Resolve);
        if (descriptor < 0)
        {
            return new(KindOf(-descriptor), default);
        }

        try
        {
            return StatOf(descriptor);
        }
        finally
        {
            _ = Linux.Close(descriptor);
        }
    }

    private int Open(byte* native, int flags, ulong resolve, int mode = 0)
    {
        if (_walks)
        {
            return Walk(native, flags, mode);
        }

        for (var attempt = 1; ; attempt++)
        {
            var descriptor = Linux.OpenBeneath(_root, native, flags, resolve, mode);
            if (descriptor != -Linux.TryAgain || attempt == AttemptsMax)
            {
                return descriptor;
            }
        }
    }

    private int Walk(byte* native, int flags, int mode)
    {
        var rest = Encoding.UTF8.GetString(System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(native));
        var folder = (int)_root.DangerousGetHandle();
        var isOwn = false;
        while (true)
        {
            var slash = rest.IndexOf('/', StringComparison.Ordinal);
            var name = NativeName(slash < 0 ? rest : rest[..slash]);
            int next;
            fixed (byte* start = name)
            {
                next = Linux.OpenName(folder, start, slash < 0 ? flags : Linux.OpenPath | Linux.OpenFolder, slash < 0 ? mode : 0);
            }

            if (isOwn)
            {
                _ = Linux.Close(folder);
            }

            if (next < 0 || slash < 0)
            {
                return next;
            }

            (folder, isOwn, rest) = (next, true, rest[(slash + 1)..]);
        }
    }

    private LinuxListing? OpenListing(SitePath folder)
    {
        fixed (byte* native = NativeOf(folder))
        {
            var descriptor = Open(native, Linux.OpenRead | Linux.OpenFolder | Linux.OpenNonBlocking, Resolve);
            return descriptor < 0 ? null : LinuxListing.Take(descriptor);
        }
    }

    private static byte[] NativeName(string name)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(name) + 1];
        Encoding.UTF8.GetBytes(name, bytes);
        return bytes;
    }
}
