using BackupTool.Trees;
using Microsoft.Win32.SafeHandles;
using Mono.Unix.Native;

namespace BackupTool.Files;

/// <summary>Reads a file from its beginning to its end for a backup, and tells whether it changed meanwhile.</summary>
/// <remarks>A link is not followed, and nothing that is no file is opened: what lies at the path may be another thing than when it was listed.</remarks>
internal sealed class SourceFile : IDisposable
{
    private readonly SafeFileHandle _handle;
    private long _position;

    private SourceFile(SafeFileHandle handle) => _handle = handle;

    /// <exception cref="IOException">It can't be opened, or is no file; the message says why.</exception>
    public static SourceFile Open(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            return OpenUnix(path);
        }

        try
        {
            return new SourceFile(File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete, options: FileOptions.SequentialScan));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Reads on; gives 0 at the end.</summary>
    /// <exception cref="IOException">The disk can't read it, or this user may not.</exception>
    public int Read(Span<byte> buffer)
    {
        try
        {
            var length = RandomAccess.Read(_handle, buffer, _position);
            _position += length;
            return length;
        }
        catch (UnauthorizedAccessException exception)
        {
            // File systems over a network may open what they then don't give.
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Says how the file differs, now that it has been read, from what it was when it was listed; null where it does not.</summary>
    public string? ChangeSince(TreeEntry listed)
    {
        if (_position != listed.Length)
        {
            return $"it changed while it was read: it had {listed.Length} bytes, and {_position} were read";
        }

        try
        {
            return Status() is var (length, modified) && (length != listed.Length || modified != listed.ModifiedNs) ? "it changed while it was read" : null;
        }
        catch (IOException exception)
        {
            return $"it can't be told whether it changed while it was read: {exception.Message}";
        }
    }

    public void Dispose() => _handle.Dispose();

    private static SourceFile OpenUnix(string path)
    {
        // Without O_NONBLOCK, opening a pipe waits for somebody who writes to it.
        var descriptor = Syscall.open(path, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC);
        UnixError.Check(descriptor);
        var file = new SourceFile(new SafeFileHandle(descriptor, ownsHandle: true));
        try
        {
            UnixError.Check(Syscall.fstat(descriptor, out var status));
            return FileStatus.Of(status).Kind is EntryKind.File ? file : throw new IOException("it is no file any more");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private (long Length, long ModifiedNs) Status()
    {
        if (OperatingSystem.IsWindows())
        {
            return (RandomAccess.GetLength(_handle), UnixTime.ToNanoseconds(File.GetLastWriteTimeUtc(_handle)));
        }

        UnixError.Check(Syscall.fstat((int)_handle.DangerousGetHandle(), out var stat));
        var status = FileStatus.Of(stat);
        return (status.Length, status.ModifiedNs);
    }
}
