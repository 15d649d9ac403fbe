using ZstdSharp;

namespace BackupTool.Vault;

/// <summary>Is the form of files that are read whole: a version, the run that sealed it, and its content, compressed and sealed, bound to what it is for.</summary>
internal static class SealedDocument
{
    private const byte Version = 1;

    private const int HeadLength = 1 + Sealer.RunLength;

    /// <summary>No document is longer, so that a short one can't fill the memory.</summary>
    private const int LengthMax = 1 << 30;

    public static byte[] Write(Sealer sealer, string purpose, ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, LengthMax);
        using var compressor = new Compressor(3);
        var compressed = compressor.Wrap(content);
        var document = new byte[HeadLength + compressed.Length + Sealer.Overhead];
        document[0] = Version;
        sealer.Run.CopyTo(document, 1);
        sealer.Seal(compressed, System.Text.Encoding.UTF8.GetBytes(purpose), document.AsSpan(HeadLength));
        return document;
    }

    /// <exception cref="BackupException">It is damaged, or something else.</exception>
    public static byte[] Read(Sealer sealer, string purpose, ReadOnlySpan<byte> document)
    {
        if (document.Length >= HeadLength + Sealer.Overhead && document[0] == Version)
        {
            var compressed = new byte[document.Length - HeadLength - Sealer.Overhead];
            if (sealer.TryOpen(document.Slice(1, Sealer.RunLength), document[HeadLength..], System.Text.Encoding.UTF8.GetBytes(purpose), compressed)
                && Decompressor.GetDecompressedSize(compressed) <= LengthMax)
            {
                using var decompressor = new Decompressor();
                return decompressor.Unwrap(compressed, LengthMax).ToArray();
            }
        }

        throw new BackupException($"A file of the repository that should be its {purpose} is damaged, or not of this version.");
    }
}
