using BackupTool.Trees;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace BackupTool.Files;

/// <summary>Restores on Linux and macOS, where each folder is opened from its parent by name without following links: what others put into its place is never entered.</summary>
internal sealed class UnixDisk : IRestoreDisk
{
    private const int FoldersOpenMax = 128;
    private const uint PrivateMode = 0x1C0; // rwx for the owner
    private const uint ModeBits = 0xFFF;
    private const uint SetIdBits = 0xC00;
    private const OpenFlags FolderFlags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    private const OpenFlags FileFlags = OpenFlags.O_WRONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    private const FilePermissions PrivateFile = FilePermissions.S_IRUSR | FilePermissions.S_IWUSR;

    private static readonly bool IsRoot = !OperatingSystem.IsWindows() && Syscall.geteuid() == 0;

    private readonly OpenHandles _folders = new(FoldersOpenMax);
    private readonly SafeFileHandle _target;

    public UnixDisk(string target) =>
        _target = Handle(Syscall.open(target, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_CLOEXEC));

    public bool Exists(RestoredFolder folder, string name)
    {
        using var lease = Open(folder);
        return Syscall.fstatat(lease.Descriptor, name, out _, AtFlags.AT_SYMLINK_NOFOLLOW) == 0;
    }

    public bool MakeFolder(RestoredFolder folder, bool mayReplace)
    {
        using var lease = Open(folder.Parent!);
        var parent = lease.Descriptor;
        if (Syscall.mkdirat(parent, folder.Name, (FilePermissions)PrivateMode) == 0)
        {
            return true;
        }

        // What failed last can be asked for once.
        if (Stdlib.GetLastError() is var error && error is not Errno.EEXIST)
        {
            throw UnixError.Of(error);
        }

        UnixError.Check(Syscall.fstatat(parent, folder.Name, out var status, AtFlags.AT_SYMLINK_NOFOLLOW));
        if (FileStatus.Of(status) is { Kind: EntryKind.Folder, Mode: var mode })
        {
            if ((mode & PrivateMode) != PrivateMode)
            {
                UnixError.Check(Syscall.fchmodat(parent, folder.Name, (FilePermissions)(mode | PrivateMode), AtFlags.AT_SYMLINK_NOFOLLOW));
            }

            return false;
        }

        if (!mayReplace)
        {
            throw new IOException("a file that is to be kept is in its way");
        }

        Remove(parent, folder.Name);
        UnixError.Check(Syscall.mkdirat(parent, folder.Name, (FilePermissions)PrivateMode));
        return true;
    }

    public SafeFileHandle CreateFile(RestoredFolder folder, string name)
    {
        using var lease = Open(folder);
        var parent = lease.Descriptor;
        return Handle(InPlaceOfOthers(parent, name, () => Syscall.openat(parent, name, FileFlags | OpenFlags.O_CREAT | OpenFlags.O_EXCL, PrivateFile)));
    }

    public SafeFileHandle OpenFile(RestoredFolder folder, string name)
    {
        using var lease = Open(folder);
        return Handle(Syscall.openat(lease.Descriptor, name, FileFlags));
    }

    public void MakeSymlink(RestoredFolder folder, TreeEntry entry)
    {
        using var lease = Open(folder);
        var parent = lease.Descriptor;
        InPlaceOfOthers(parent, entry.Name, () => Syscall.symlinkat(entry.Target!, parent, entry.Name));
        var owned = IsRoot ? Syscall.fchownat(parent, entry.Name, (int)entry.UserId, (int)entry.GroupId, AtFlags.AT_SYMLINK_NOFOLLOW) : 0;
        var problem = owned < 0 ? UnixError.Last() : null;
        UnixError.Check(Syscall.utimensat(parent, entry.Name, UnixTime.ToTimespecs(entry.ModifiedNs), AtFlags.AT_SYMLINK_NOFOLLOW));
        if (problem is not null)
        {
            throw problem;
        }
    }

    public void MakeHardLink(RestoredFolder folder, string name, RestoredFolder firstFolder, string firstName)
    {
        using var lease = Open(folder);
        using var firstLease = Open(firstFolder);
        var (parent, firstParent) = (lease.Descriptor, firstLease.Descriptor);
        InPlaceOfOthers(parent, name, () => Syscall.linkat(firstParent, firstName, parent, name, 0));
    }

    public void Rename(RestoredFolder folder, string name, string newName)
    {
        using var lease = Open(folder);
        var parent = lease.Descriptor;
        if (Syscall.renameat(parent, name, parent, newName) == 0)
        {
            return;
        }

        // Files and links are replaced, but a folder is not.
        if (Stdlib.GetLastError() is var error && error is not Errno.EISDIR)
        {
            throw UnixError.Of(error);
        }

        Remove(parent, newName);
        UnixError.Check(Syscall.renameat(parent, name, parent, newName));
    }

    public void Remove(RestoredFolder folder, string name)
    {
        using var lease = Open(folder);
        Remove(lease.Descriptor, name);
    }

    public void SetLength(SafeFileHandle file, long length) => UnixError.Check(Syscall.ftruncate(Descriptor(file), length));

    public unsafe void Write(SafeFileHandle file, long offset, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* first = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var written = Syscall.pwrite(Descriptor(file), first + done, (ulong)(bytes.Length - done), offset + done);
                UnixError.Check(written);
                done += (int)written;
            }
        }
    }

    public void Finish(SafeFileHandle file, TreeEntry entry) => Finish(Descriptor(file), entry);

    public void Finish(RestoredFolder folder, TreeEntry entry)
    {
        using (var lease = Open(folder))
        {
            Finish(lease.Descriptor, entry);
        }

        _folders.Close(folder);
    }

    public void Dispose()
    {
        _folders.Dispose();
        _target.Dispose();
    }

    private static void Finish(int descriptor, TreeEntry entry)
    {
        var owned = IsRoot ? Syscall.fchown(descriptor, (int)entry.UserId, (int)entry.GroupId) : 0;
        var problem = owned < 0 ? UnixError.Last() : null;

        // The bits that run a program as its owner mean what they meant beside that owner only; changing the owner has cleared them.
        var bits = IsRoot && problem is null ? ModeBits : ModeBits & ~SetIdBits;
        if (HasRights(entry) && Syscall.fchmod(descriptor, (FilePermissions)(entry.Mode & bits)) < 0)
        {
            problem ??= UnixError.Last();
        }

        UnixError.Check(Syscall.futimens(descriptor, UnixTime.ToTimespecs(entry.ModifiedNs)));
        if (problem is not null)
        {
            throw problem;
        }
    }

    /// <summary>Tells whether rights were kept: a backup that was made on Windows knows neither these nor the disk's numbers.</summary>
    private static bool HasRights(TreeEntry entry) => entry.Mode != 0 || entry.Inode != 0;

    private static long InPlaceOfOthers(int parent, string name, Func<long> make)
    {
        if (make() is >= 0 and var made)
        {
            return made;
        }

        if (Stdlib.GetLastError() is var error && error is not Errno.EEXIST)
        {
            throw UnixError.Of(error);
        }

        Remove(parent, name);
        made = make();
        UnixError.Check(made);
        return made;
    }

    private static void Remove(int parent, string name)
    {
        if (Syscall.unlinkat(parent, name, 0) == 0)
        {
            return;
        }

        // Of a folder the systems answer differently that it is one.
        var error = Stdlib.GetLastError();
        if (error is Errno.EISDIR or Errno.EPERM)
        {
            UnixError.Check(Syscall.unlinkat(parent, name, AtFlags.AT_REMOVEDIR));
        }
        else if (error is not Errno.ENOENT)
        {
            throw UnixError.Of(error);
        }
    }

    private OpenHandles.Lease Open(RestoredFolder folder)
    {
        // Downwards from the nearest that is open: a chain is as deep as the backup says, and must not hold as many handles.
        var missing = new Stack<RestoredFolder>();
        var above = folder;
        OpenHandles.Lease? start = null;
        while (true)
        {
            start = _folders.TryTake(above);
            if (start is not null || above.Parent is null)
            {
                break;
            }

            missing.Push(above);
            above = above.Parent;
        }

        var lease = start ?? _folders.Take(above, () => Handle(Syscall.openat(Descriptor(_target), ".", FolderFlags)));
        while (missing.TryPop(out var next))
        {
            using var parent = lease;
            lease = _folders.Take(next, () => Handle(Syscall.openat(parent.Descriptor, next.Name, FolderFlags)));
        }

        return lease;
    }

    private static int Descriptor(SafeFileHandle handle) => (int)handle.DangerousGetHandle();

    private static SafeFileHandle Handle(long descriptor)
    {
        UnixError.Check(descriptor);
        return new SafeFileHandle((nint)descriptor, ownsHandle: true);
    }
}
