using System.IO.Compression;
using Microsoft.Win32.SafeHandles;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>Holds one state of a small file in memory, with its compressed forms once somebody has asked for them.</summary>
internal sealed class SmallFile
{
    private const int OverheadBytes = 1024;
    private const int CompressedLengthMin = 512;

    private byte[]? _brotli;
    private byte[]? _gzip;

    private SmallFile(SitePath path, byte[] native, in FileStamp stamp, byte[] content)
    {
        Path = path.Value;
        Native = native;
        Stamp = stamp;
        Content = content;
        Headers = new(path.Name, stamp);
    }

    public string Path { get; }

    public byte[] Native { get; }

    public FileStamp Stamp { get; }

    public byte[] Content { get; }

    public FileHeaders Headers { get; }

    /// <summary>Whether it was asked for since somebody looked; the mark of the cache's clock.</summary>
    public bool IsUsed { get; set; }

    /// <summary>When the way to it was last looked at, as a timestamp of the clock.</summary>
    public long ConfirmedAt { get; set; }

    /// <summary>Where the cache's clock holds it; the cache's own.</summary>
    public LinkedListNode<SmallFile>? Place { get; set; }

    /// <summary>What it may take of memory, compressed forms included, which are kept only where they are shorter.</summary>
    public long Weight => OverheadBytes + (Headers.IsCompressible ? 3L : 1L) * Content.Length;

    /// <summary>Reads an open file; null if it changes meanwhile.</summary>
    public static async ValueTask<SmallFile?> ReadAsync(SiteFolder folder, SitePath path, SafeFileHandle file, FileStamp stamp, CancellationToken cancellationToken)
    {
        var content = new byte[stamp.Length];
        var length = 0;
        while (length < content.Length)
        {
            var read = await RandomAccess.ReadAsync(file, content.AsMemory(length), length, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            length += read;
        }

        return folder.StampOf(file) == stamp ? new(path, folder.NativeOf(path), stamp, content) : null;
    }

    /// <summary>The content in a coding; null if that would not be shorter.</summary>
    public byte[]? In(ContentCoding coding)
    {
        var kept = coding switch
        {
            ContentCoding.Brotli => _brotli ??= Compress(coding),
            ContentCoding.Gzip => _gzip ??= Compress(coding),
            _ => Content,
        };
        return kept.Length == 0 && coding != ContentCoding.Identity ? null : kept;
    }

    private byte[] Compress(ContentCoding coding)
    {
        if (Content.Length < CompressedLengthMin)
        {
            return [];
        }

        using var packed = new MemoryStream(Content.Length / 2);
        using (var packer = Compressor(packed, coding))
        {
            packer.Write(Content);
        }

        return packed.Length < Content.Length ? packed.ToArray() : [];
    }

    /// <summary>Begins to pack what is written to it; closing it ends the packed form and leaves the stream behind it open.</summary>
    public static Stream Compressor(Stream stream, ContentCoding coding) => coding == ContentCoding.Brotli
        ? new BrotliStream(stream, CompressionLevel.Fastest, leaveOpen: true)
        : new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true);
}
