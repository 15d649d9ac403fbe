using BackupTool.Trees;
using Microsoft.Win32.SafeHandles;

namespace BackupTool.Files;

/// <summary>Restores by the framework's calls, where the system has neither owners nor rights that a backup keeps. Before anything is made in a folder, no folder on the way to it is a link.</summary>
internal sealed class WindowsDisk(string target) : IRestoreDisk
{
    private readonly string _target = Path.GetFullPath(target);

    public bool Exists(RestoredFolder folder, string name) => Path.Exists(PathOf(folder, name)) || IsLink(PathOf(folder, name));

    public bool MakeFolder(RestoredFolder folder, bool mayReplace) => Try(() =>
    {
        var path = PathOf(folder.Parent!, folder.Name);
        if (IsLink(path) || File.Exists(path))
        {
            if (!mayReplace)
            {
                throw new IOException("a file that is to be kept is in its way");
            }

            RemoveAny(path);
        }

        var isNew = !Directory.Exists(path);
        Directory.CreateDirectory(path);
        return isNew;
    });

    public SafeFileHandle CreateFile(RestoredFolder folder, string name) => Try(() =>
    {
        var path = PathOf(folder, name);
        RemoveAny(path);
        return File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    });

    public SafeFileHandle OpenFile(RestoredFolder folder, string name) => Try(() =>
    {
        var path = PathOf(folder, name);
        return IsLink(path)
            ? throw new IOException("a link lies in its place")
            : File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
    });

    public void MakeSymlink(RestoredFolder folder, TreeEntry entry) => Try(() =>
    {
        var path = PathOf(folder, entry.Name);
        RemoveAny(path);
        File.CreateSymbolicLink(path, entry.Target!);
    });

    /// <remarks>The framework has no call for it, so that the name gets a file of its own with the same content.</remarks>
    public void MakeHardLink(RestoredFolder folder, string name, RestoredFolder firstFolder, string firstName) => Try(() =>
    {
        var first = PathOf(firstFolder, firstName);
        var path = PathOf(folder, name);
        if (IsLink(first))
        {
            throw new IOException("a link lies in the place of the file that it shares its content with");
        }

        RemoveAny(path);
        File.Copy(first, path);
    });

    public void Rename(RestoredFolder folder, string name, string newName) => Try(() =>
    {
        var (path, newPath) = (PathOf(folder, name), PathOf(folder, newName));
        if (Directory.Exists(newPath))
        {
            RemoveAny(newPath);
        }

        File.Move(path, newPath, overwrite: true);
    });

    public void Remove(RestoredFolder folder, string name) => Try(() => RemoveAny(PathOf(folder, name)));

    public void SetLength(SafeFileHandle file, long length) => Try(() => RandomAccess.SetLength(file, length));

    public void Write(SafeFileHandle file, long offset, ReadOnlySpan<byte> bytes) => RandomAccess.Write(file, bytes, offset);

    public void Finish(SafeFileHandle file, TreeEntry entry) => Try(() => File.SetLastWriteTimeUtc(file, UnixTime.ToDateTime(entry.ModifiedNs)));

    public void Finish(RestoredFolder folder, TreeEntry entry) => Try(() => Directory.SetLastWriteTimeUtc(PathOf(folder), UnixTime.ToDateTime(entry.ModifiedNs)));

    public void Dispose()
    {
    }

    private static bool IsLink(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is not null;
    }

    private static void RemoveAny(string path)
    {
        if (Directory.Exists(path))
        {
            // Fails where it is not empty; of a link, only the link goes.
            Directory.Delete(path, recursive: false);
        }
        else
        {
            File.Delete(path);
        }
    }

    private static void Try(Action act) => Try(() =>
    {
        act();
        return 0;
    });

    private static T Try<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    private string PathOf(RestoredFolder folder, string name) => Path.Join(PathOf(folder), name);

    private string PathOf(RestoredFolder folder)
    {
        if (folder.Parent is null)
        {
            return _target;
        }

        var path = PathOf(folder.Parent, folder.Name);
        return IsLink(path) ? throw new IOException("a link lies where a folder should be") : path;
    }
}
