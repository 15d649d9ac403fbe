using System.ComponentModel;
using System.Runtime.InteropServices;

namespace P2P.Past;

/// <summary>
/// Is a directory whose entries can be made durable: a file that was renamed into it, or removed from it, stays so after a crash only once
/// the directory itself was flushed.
/// </summary>
/// <param name="path">The directory.</param>
/// <param name="isDurable">False where nobody minds what a crash undoes, so that nothing has to be flushed.</param>
internal sealed partial class DurableDirectory(string path, bool isDurable = true)
{
    private readonly Lock _flushing = new();
    private long _requested;
    private long _flushed;

    public string Path => path;

    /// <summary>Creates the directory for its owner only, where it is missing.</summary>
    public void Create()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>Gives the path of an entry.</summary>
    public string Combine(string name) => System.IO.Path.Combine(path, name);

    /// <summary>Makes all changes durable that were done before the call. Callers at the same time share a flush.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Flush()
    {
        if (!isDurable)
        {
            return;
        }

        var request = Interlocked.Increment(ref _requested);
        lock (_flushing)
        {
            // Another flush, which began after this request, has covered it.
            if (_flushed >= request)
            {
                return;
            }

            var covered = Volatile.Read(ref _requested);
            FlushEntries();
            _flushed = covered;
        }
    }

    private void FlushEntries()
    {
        // Windows journals the names of files itself and can't flush a directory.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        // The framework refuses to open a directory as a file.
        var descriptor = Native.Open(path, Native.ReadOnly);
        if (descriptor < 0)
        {
            throw Failure();
        }

        try
        {
            if (Native.Flush(descriptor) != 0)
            {
                throw Failure();
            }
        }
        finally
        {
            _ = Native.Close(descriptor);
        }
    }

    private IOException Failure()
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"The directory '{path}' can't be flushed: {new Win32Exception(error).Message}", error);
    }

    private static partial class Native
    {
        public const int ReadOnly = 0;

        [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
        public static partial int Open(string path, int flags);

        [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
        public static partial int Flush(int descriptor);

        [LibraryImport("libc", EntryPoint = "close")]
        public static partial int Close(int descriptor);
    }
}
