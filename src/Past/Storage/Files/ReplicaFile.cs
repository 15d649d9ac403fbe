using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace P2P.Past;

/// <summary>
/// Lays out the bytes that a replica is: a preamble, the certificate, a checksum of both, the leaf hashes, the content. All places
/// follow from the certificate, so a replica is complete when its length is, and an interrupted one has the same form.
/// </summary>
/// <remarks>
/// Large replicas are files of this form, small ones rows of a database, byte for byte the same: each proves itself wherever it is found.
/// </remarks>
internal static class ReplicaFile
{
    public const int FormatVersion = 1;

    private const int PreambleLength = 16;

    /// <summary>The shortest file that can be a replica.</summary>
    private const int MinHeaderLength = PreambleLength + Hash256.ByteLength;

    private const int MaxHeaderLength = MinHeaderLength + FileCertificate.EncodedLengthMax;

    private static ReadOnlySpan<byte> Magic => "p2p.past"u8;

    /// <summary>Computes the length of a replica's file, in bytes.</summary>
    public static long LengthOf(FileCertificate certificate) => ContentOffset(certificate) + certificate.ContentLength;

    /// <summary>Gives the place of a leaf's hash in the file.</summary>
    public static long LeafHashOffset(FileCertificate certificate, int leaf) =>
        MinHeaderLength + certificate.Encoded.Length + (long)leaf * Hash256.ByteLength;

    /// <summary>Gives the place of a leaf in the file.</summary>
    public static long LeafOffset(FileCertificate certificate, int leaf) => ContentOffset(certificate) + ContentLayout.OffsetOf(leaf);

    /// <summary>Encodes all that stands before the leaf hashes.</summary>
    public static byte[] EncodeHeader(FileCertificate certificate)
    {
        var header = new byte[MinHeaderLength + certificate.Encoded.Length];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12), certificate.Encoded.Length);
        certificate.Encoded.CopyTo(header, PreambleLength);
        Hash256.Compute(header.AsSpan(..^Hash256.ByteLength)).WriteBytes(header.AsSpan(^Hash256.ByteLength..));
        return header;
    }

    /// <summary>Encodes a replica of a single leaf in full, but for the content, which is to be written to the end.</summary>
    public static byte[] EncodeSingleLeaf(FileCertificate certificate)
    {
        Debug.Assert(certificate.Layout.LeafCount == 1, "Of more leaves the hashes are not in the certificate.");
        var image = new byte[LengthOf(certificate)];
        EncodeHeader(certificate).CopyTo(image, 0);
        certificate.ContentRoot.WriteBytes(image.AsSpan((int)LeafHashOffset(certificate, 0)));
        return image;
    }

    /// <summary>Reads the certificate.</summary>
    /// <returns>Null when the file does not start with a whole header, or the header is damaged.</returns>
    public static FileCertificate? ReadCertificate(SafeFileHandle file)
    {
        var header = new byte[Math.Min(MaxHeaderLength, RandomAccess.GetLength(file))];
        return TryFill(file, header, 0) ? ReadCertificate(header) : null;
    }

    /// <inheritdoc cref="ReadCertificate(SafeFileHandle)"/>
    public static FileCertificate? ReadCertificate(ReadOnlyMemory<byte> replica)
    {
        var header = replica.Span[..Math.Min(MaxHeaderLength, replica.Length)];
        if (header.Length < MinHeaderLength || !header.StartsWith(Magic) || BinaryPrimitives.ReadInt32BigEndian(header[8..]) != FormatVersion)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(header[12..]);
        if (length < 0 || length > header.Length - MinHeaderLength)
        {
            return null;
        }

        var end = PreambleLength + length;
        var isWhole = Hash256.Compute(header[..end]) == Hash256.FromBytes(header.Slice(end, Hash256.ByteLength));
        return isWhole && FileCertificate.TryRead(replica.Slice(PreambleLength, length), out var certificate) ? certificate : null;
    }

    /// <summary>Reads leaf hashes, which are still to be verified.</summary>
    /// <returns>False when the file ends before.</returns>
    public static bool TryReadLeafHashes(SafeFileHandle file, FileCertificate certificate, int firstLeaf, Span<Hash256> hashes) =>
        TryFill(file, MemoryMarshal.AsBytes(hashes), LeafHashOffset(certificate, firstLeaf));

    /// <summary>Fills a buffer from a place in the file.</summary>
    /// <returns>False when the file ends before.</returns>
    public static bool TryFill(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        for (var done = 0; done < buffer.Length;)
        {
            var read = RandomAccess.Read(file, buffer[done..], offset + done);
            if (read == 0)
            {
                return false;
            }

            done += read;
        }

        return true;
    }

    private static long ContentOffset(FileCertificate certificate) => LeafHashOffset(certificate, certificate.Layout.LeafCount);
}
