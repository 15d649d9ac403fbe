using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>What the answer to a request for one state of a file says of it, made once.</summary>
internal sealed class FileHeaders
{
    private const int TagBytes = 12;

    public FileHeaders(string name, in FileStamp stamp)
    {
        ContentType = ContentTypes.Of(name);
        IsCompressible = ContentTypes.IsCompressible(ContentType);
        Modified = WholeSeconds(stamp.ModifiedAt);
        LastModified = Modified.ToString("R", CultureInfo.InvariantCulture);
        Tag = TagOf(stamp, "");
        BrotliTag = TagOf(stamp, "-br");
        GzipTag = TagOf(stamp, "-gz");
    }

    public string ContentType { get; }

    public bool IsCompressible { get; }

    /// <summary>When it was modified, in whole seconds, as HTTP tells instants.</summary>
    public DateTimeOffset Modified { get; }

    public string LastModified { get; }

    public string Tag { get; }

    private string BrotliTag { get; }

    private string GzipTag { get; }

    /// <summary>The strong tag of the bytes in a coding.</summary>
    public string TagFor(ContentCoding coding) => coding switch
    {
        ContentCoding.Brotli => BrotliTag,
        ContentCoding.Gzip => GzipTag,
        _ => Tag,
    };

    public static DateTimeOffset WholeSeconds(DateTimeOffset instant) => DateTimeOffset.FromUnixTimeSeconds(instant.ToUnixTimeSeconds());

    /// <summary>The strong tag of a state of a file: another content, another tag.</summary>
    public static string TagOf(in FileStamp stamp) => TagOf(stamp, "");

    /// <summary>Hashed, since numbers of inodes tell strangers about the machine.</summary>
    private static string TagOf(in FileStamp stamp, string suffix)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(new ReadOnlySpan<FileStamp>(in stamp)), hash);
        return $"\"{Convert.ToHexStringLower(hash[..TagBytes])}{suffix}\"";
    }
}
