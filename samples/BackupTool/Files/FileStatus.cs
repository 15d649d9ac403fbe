using System.Globalization;
using System.Text;
using BackupTool.Trees;
using Mono.Unix.Native;

namespace BackupTool.Files;

/// <summary>Is what the disk tells of a path, a symbolic link itself rather than what it leads to.</summary>
/// <remarks>The kind is null where a backup keeps no such thing: sockets, pipes, devices.</remarks>
internal readonly record struct FileStatus(
    EntryKind? Kind,
    uint Mode,
    uint UserId,
    uint GroupId,
    long ModifiedNs,
    long ChangedNs,
    ulong Device,
    ulong Inode,
    ulong LinkCount,
    long Length)
{
    private const int TargetLengthMax = 4096;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Asks the disk about a path.</summary>
    /// <exception cref="IOException">It isn't there or may not be asked for; the message says which.</exception>
    public static FileStatus Of(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return OfWindows(path);
        }

        UnixError.Check(Syscall.lstat(path, out var status));
        return Of(status);
    }

    /// <summary>Translates what the system's calls tell on Unix.</summary>
    public static FileStatus Of(in Stat status) => new(
        (status.st_mode & FilePermissions.S_IFMT) switch
        {
            FilePermissions.S_IFREG => EntryKind.File,
            FilePermissions.S_IFDIR => EntryKind.Folder,
            FilePermissions.S_IFLNK => EntryKind.Symlink,
            _ => null,
        },
        (uint)(status.st_mode & FilePermissions.ALLPERMS),
        status.st_uid,
        status.st_gid,
        UnixTime.ToNanoseconds(status.st_mtime, status.st_mtime_nsec),
        UnixTime.ToNanoseconds(status.st_ctime, status.st_ctime_nsec),
        status.st_dev,
        status.st_ino,
        status.st_nlink,
        status.st_size);

    /// <summary>Makes it an entry of a folder, without what it consists of.</summary>
    /// <exception cref="IOException">A backup keeps no such thing, or where a link leads can't be read.</exception>
    public TreeEntry ToEntry(string name, string path) => new()
    {
        Name = name,
        Kind = Kind ?? throw new IOException("it is a socket, a pipe or a device, and these are not kept"),
        Mode = Mode,
        UserId = UserId,
        GroupId = GroupId,
        ModifiedNs = ModifiedNs,
        ChangedNs = ChangedNs,
        Inode = Inode,
        Length = Kind is EntryKind.File ? Length : 0,
        Target = Kind is EntryKind.Symlink ? ReadTarget(path) : null,
        LinkGroup = Kind is EntryKind.File && LinkCount > 1 ? string.Create(CultureInfo.InvariantCulture, $"{Device}:{Inode}") : null,
    };

    private static string ReadTarget(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return new FileInfo(path).LinkTarget ?? throw new IOException("it is not there any more");
        }

        var bytes = new byte[TargetLengthMax];
        var length = Syscall.readlink(path, bytes);
        UnixError.Check(length);
        try
        {
            return StrictUtf8.GetString(bytes, 0, (int)length);
        }
        catch (DecoderFallbackException)
        {
            throw new IOException("where the link leads is no valid Unicode, so that it can't be kept");
        }
    }

    private static FileStatus OfWindows(string path)
    {
        try
        {
            var attributes = File.GetAttributes(path);
            var isFolder = attributes.HasFlag(FileAttributes.Directory);
            FileSystemInfo file = isFolder ? new DirectoryInfo(path) : new FileInfo(path);
            var isLink = attributes.HasFlag(FileAttributes.ReparsePoint) && file.LinkTarget is not null;
            var kind = isLink ? EntryKind.Symlink : isFolder ? EntryKind.Folder : EntryKind.File;
            var modified = UnixTime.ToNanoseconds(file.LastWriteTimeUtc);
            return new FileStatus(kind, 0, 0, 0, modified, 0, 0, 0, 1, file is FileInfo { Length: var length } && !isLink ? length : 0);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
