using System.Runtime.InteropServices;
using System.Text;

namespace P2P.YouServ.Http.Files;

/// <summary>Reads the names in an open folder of Linux one after the other.</summary>
internal sealed unsafe class LinuxListing : IDisposable
{
    // struct dirent of the 64-bit systems: number, offset, length of the record and kind stand before the name.
    private const int NameOffset = 19;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly int _descriptor;
    private nint _listing;

    /// <summary>Whether the system has stopped in the midst: what was read is not all.</summary>
    public bool HasFailed { get; private set; }

    private LinuxListing(int descriptor, nint listing)
    {
        _descriptor = descriptor;
        _listing = listing;
    }

    /// <summary>Takes over a descriptor of a folder; null if it can't be listed.</summary>
    public static LinuxListing? Take(int descriptor)
    {
        var listing = Linux.OpenListing(descriptor);
        if (listing == 0)
        {
            _ = Linux.Close(descriptor);
            return null;
        }

        return new(descriptor, listing);
    }

    /// <summary>Reads the next name; null at the end. Names that are no UTF-8, and the two that lead to the folder itself and to its parent, are passed over.</summary>
    public string? Next()
    {
        while (_listing != 0)
        {
            var record = Linux.ReadListing(_listing);
            if (record is null)
            {
                HasFailed = Marshal.GetLastPInvokeError() != 0;
                return null;
            }

            var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(record + NameOffset);
            if (!bytes.SequenceEqual("."u8) && !bytes.SequenceEqual(".."u8) && NameOf(bytes) is { } name)
            {
                return name;
            }
        }

        return null;
    }

    /// <summary>Tells what a name in the folder is, following no link.</summary>
    public SiteEntry Find(string name, out bool isLink)
    {
        fixed (byte* native = Encoding.UTF8.GetBytes(name + '\0'))
        {
            return Linux.Stat(_descriptor, native, out var entry, out isLink) == 0 ? entry : SiteEntry.Missing;
        }
    }

    public void Dispose()
    {
        if (_listing != 0)
        {
            _ = Linux.CloseListing(_listing);
            _listing = 0;
        }
    }

    private static string? NameOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
