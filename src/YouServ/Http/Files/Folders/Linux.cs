using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2P.YouServ.Http.Files;

/// <summary>The calls of Linux that open what lies beneath a folder and nothing else. Numbers are those of the 64-bit systems.</summary>
internal static unsafe partial class Linux
{
    public const int OpenRead = 0;
    public const int OpenReadWrite = 2;
    public const int OpenCreate = 0x40;
    public const int OpenNonBlocking = 0x800;
    public const int OpenCloseOnExec = 0x80000;
    public const int OpenPath = 0x200000;

    public const ulong ResolveNoMagicLinks = 0x02;
    public const ulong ResolveNoSymlinks = 0x04;
    public const ulong ResolveBeneath = 0x08;

    public const int AtNoFollow = 0x100;
    public const int AtRemoveFolder = 0x200;
    public const int AtEmptyPath = 0x1000;
    public const int RenameNoReplace = 1;

    public const int NoEntry = 2;
    public const int TryAgain = 11;
    public const int AccessDenied = 13;
    public const int NotPermitted = 1;
    public const int Exists = 17;
    public const int OtherDevice = 18;
    public const int NotAFolder = 20;
    public const int IsAFolder = 21;
    public const int InvalidArgument = 22;
    public const int NoSpace = 28;
    public const int NameTooLong = 36;
    public const int NoSystemCall = 38;
    public const int NotEmpty = 39;
    public const int TooManyLinks = 40;
    public const int QuotaExceeded = 122;

    public const int KindMask = 0xF000;
    public const int KindFolder = 0x4000;
    public const int KindRegular = 0x8000;
    public const int KindLink = 0xA000;

    private const nint OpenAt2Number = 437;

    // Everything of struct statx that is read here: the kind, the number, the size, and when it was modified and changed.
    private const uint StatxNeeded = 0x01 | 0x40 | 0x80 | 0x100 | 0x200;

    private static readonly bool HasFlagsOfArm =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm or Architecture.Ppc64le;

    public static int OpenFolder => HasFlagsOfArm ? 0x4000 : 0x10000;

    public static int OpenNoFollow => HasFlagsOfArm ? 0x8000 : 0x20000;

    /// <summary>Opens a path relative to a folder under the rules of openat2(2).</summary>
    /// <returns>A descriptor, or the error as a negative number.</returns>
    public static int OpenBeneath(SafeHandle folder, byte* path, int flags, ulong resolve, int mode = 0)
    {
        var how = new OpenHow { Flags = (ulong)(uint)(flags | OpenCloseOnExec), Mode = (ulong)mode, Resolve = resolve };
        var descriptor = OpenAt2(OpenAt2Number, folder, path, &how, sizeof(OpenHow));
        return descriptor >= 0 ? (int)descriptor : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Opens one name in a folder, and no link.</summary>
    /// <returns>A descriptor, or the error as a negative number.</returns>
    public static int OpenName(int folder, byte* name, int flags, int mode = 0)
    {
        var descriptor = OpenAt(folder, name, flags | OpenNoFollow | OpenCloseOnExec, mode);
        return descriptor >= 0 ? descriptor : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Reads the state of what is opened, if the name is empty, or of a name in it.</summary>
    /// <returns>Zero, or the error as a negative number.</returns>
    public static int Stat(int descriptor, byte* name, out SiteEntry entry, out bool isLink)
    {
        Statx state;
        isLink = false;
        entry = default;
        if (StatxAt(descriptor, name, AtEmptyPath | AtNoFollow, StatxNeeded, &state) != 0)
        {
            return -Marshal.GetLastPInvokeError();
        }

        isLink = (state.Mode & KindMask) == KindLink;
        entry = EntryOf(state);
        return 0;
    }

    /// <summary>Reads the state of what a path leads to, wherever that is.</summary>
    /// <returns>Zero, or the error as a negative number.</returns>
    public static int StatBeyondLinks(SafeHandle folder, byte* path, out SiteEntry entry)
    {
        Statx state;
        var isRead = StatxAt(folder, path, 0, StatxNeeded, &state) == 0;
        entry = isRead ? EntryOf(state) : default;
        return isRead ? 0 : -Marshal.GetLastPInvokeError();
    }

    private static SiteEntry EntryOf(in Statx state)
    {
        var kind = (state.Mode & KindMask) switch
        {
            KindRegular => EntryKind.File,
            KindFolder => EntryKind.Folder,
            _ => EntryKind.Special,
        };
        return new(kind, new(
            ((ulong)state.DeviceMajor << 32) | state.DeviceMinor,
            state.Node,
            (long)state.Size,
            state.Modified.Nanoseconds(),
            state.Changed.Nanoseconds()));
    }

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int FlushFileSystem(SafeHandle file);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    public static partial int MakeFolder(int folder, byte* name, int mode);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    public static partial int Unlink(int folder, byte* name, int flags);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true)]
    public static partial int Rename(int fromFolder, byte* from, int toFolder, byte* to, int flags);

    [LibraryImport("libc", EntryPoint = "fdopendir", SetLastError = true)]
    public static partial nint OpenListing(int descriptor);

    [LibraryImport("libc", EntryPoint = "readdir", SetLastError = true)]
    public static partial byte* ReadListing(nint listing);

    [LibraryImport("libc", EntryPoint = "closedir", SetLastError = true)]
    public static partial int CloseListing(nint listing);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true)]
    private static partial int OpenPlain(byte* path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static partial int OpenAt(int folder, byte* name, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenAt2(nint number, SafeHandle folder, byte* path, OpenHow* how, nint size);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatxAt(int folder, byte* path, int flags, uint mask, Statx* buffer);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static partial int StatxAt(SafeHandle folder, byte* path, int flags, uint mask, Statx* buffer);

    /// <summary>Opens a folder by its name on the machine, which is the only path that is taken as it is.</summary>
    public static SafeFileHandle? OpenRoot(string path)
    {
        var bytes = new byte[System.Text.Encoding.UTF8.GetMaxByteCount(path.Length) + 1];
        System.Text.Encoding.UTF8.GetBytes(path, bytes);
        fixed (byte* start = bytes)
        {
            var descriptor = OpenPlain(start, OpenPath | OpenFolder | OpenCloseOnExec, 0);
            return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct OpenHow
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Statx
    {
        [FieldOffset(28)]
        public ushort Mode;
        [FieldOffset(32)]
        public ulong Node;
        [FieldOffset(40)]
        public ulong Size;
        [FieldOffset(96)]
        public StatxTime Changed;
        [FieldOffset(112)]
        public StatxTime Modified;
        [FieldOffset(136)]
        public uint DeviceMajor;
        [FieldOffset(140)]
        public uint DeviceMinor;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct StatxTime
    {
        public long Seconds;
        public uint Part;
        private readonly int _padding;

        public readonly long Nanoseconds() => (Math.Clamp(Seconds, -9_000_000_000, 9_000_000_000) * 1_000_000_000) + Part;
    }
}
