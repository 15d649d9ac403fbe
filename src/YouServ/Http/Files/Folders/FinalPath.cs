using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2P.YouServ.Http.Files;

/// <summary>Asks the system where an opened file lies, links resolved, and whether a name is a regular file.</summary>
internal static unsafe partial class FinalPath
{
    private const int GetPath = 50; // F_GETPATH of macOS.
    private const int LengthMax = 32768;
    private const int ModeOffset = 4; // st_mode in macOS's struct stat.
    private const int StatLength = 512;

    /// <summary>How the system compares names.</summary>
    public static StringComparison Comparison => OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;

    /// <summary>The path of a folder, links resolved.</summary>
    public static string OfFolder(string folder)
    {
        var path = Path.GetFullPath(folder);
        var above = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path));
        if (above is null)
        {
            return path;
        }

        var here = new DirectoryInfo(Path.Combine(OfFolder(above), Path.GetFileName(Path.TrimEndingDirectorySeparator(path))));
        return here.LinkTarget is null ? here.FullName : here.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
    }

    /// <summary>The path of an opened file; null if the system does not tell.</summary>
    public static string? Of(SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows())
        {
            var buffer = new char[LengthMax];
            fixed (char* start = buffer)
            {
                var length = (int)GetFinalPathNameByHandle(file, start, LengthMax, 0);
                return length is > 0 and < LengthMax ? Undecorated(new string(buffer, 0, length)) : null;
            }
        }

        if (OperatingSystem.IsMacOS())
        {
            var buffer = new byte[LengthMax];
            fixed (byte* start = buffer)
            {
                // Apple's ARM convention has what a variadic function takes on the stack, where only a ninth argument gets.
                var error = RuntimeInformation.ProcessArchitecture == Architecture.X64
                    ? FileControlOfIntel(file, GetPath, start)
                    : FileControlOfArm(file, GetPath, 0, 0, 0, 0, 0, 0, start);
                return error == 0 ? Marshal.PtrToStringUTF8((nint)start) : null;
            }
        }

        return new FileInfo($"/proc/self/fd/{file.DangerousGetHandle()}").LinkTarget;
    }

    /// <summary>Tells whether a name is a regular file, without opening it.</summary>
    public static bool IsRegular(string name)
    {
        fixed (byte* native = System.Text.Encoding.UTF8.GetBytes(name + '\0'))
        {
            if (OperatingSystem.IsLinux())
            {
                return Linux.Stat(-1, native, out var entry, out var isLink) == 0 && entry.Kind == EntryKind.File && !isLink;
            }

            if (OperatingSystem.IsMacOS())
            {
                var state = stackalloc byte[StatLength];
                var error = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? StatOfIntel(native, state) : StatOfArm(native, state);
                return error == 0 && (*(ushort*)(state + ModeOffset) & Linux.KindMask) == Linux.KindRegular;
            }
        }

        return File.Exists(name) && !File.GetAttributes(name).HasFlag(FileAttributes.Device);
    }

    private static string Undecorated(string path) =>
        path.StartsWith(@"\\?\UNC\", StringComparison.Ordinal) ? @"\\" + path[8..]
        : path.StartsWith(@"\\?\", StringComparison.Ordinal) ? path[4..]
        : path;

    [LibraryImport("kernel32", EntryPoint = "GetFinalPathNameByHandleW", SetLastError = true)]
    private static partial uint GetFinalPathNameByHandle(SafeFileHandle file, char* path, uint length, uint flags);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControlOfIntel(SafeFileHandle file, int command, byte* path);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FileControlOfArm(SafeFileHandle file, int command, nint a, nint b, nint c, nint d, nint e, nint f, byte* path);

    [LibraryImport("libc", EntryPoint = "lstat$INODE64", SetLastError = true)]
    private static partial int StatOfIntel(byte* path, byte* state);

    [LibraryImport("libc", EntryPoint = "lstat", SetLastError = true)]
    private static partial int StatOfArm(byte* path, byte* state);
}
