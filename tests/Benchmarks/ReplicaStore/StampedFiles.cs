using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using P2P.Past;
using P2P.Pastry;

namespace Benchmarks.ReplicaStore;

/// <summary>
/// Makes certificates of one content by the million: one is signed, and the others are it with another id. Stores do not look at signatures, and signing is not what
/// is measured.
/// </summary>
internal sealed class StampedFiles
{
    private readonly ImmutableArray<byte> _signed;
    private readonly int _place;

    public StampedFiles(int length)
    {
        Content = RandomNumberGenerator.GetBytes(length);
        using var owner = SigningKey.Create();
        var certificate = FileCertificate.Create("a file", owner, ContentTree.Compute(Content), 3, [1, 2, 3], DateTimeOffset.UnixEpoch);
        _signed = certificate.Encoded;
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        certificate.FileId.WriteBytes(id);
        _place = _signed.AsSpan().IndexOf(id);
    }

    public byte[] Content { get; }

    /// <summary>Gives the certificate of a file by its number.</summary>
    public FileCertificate Certify(long number)
    {
        var stamped = _signed.ToArray();
        WriteId(number, stamped.AsSpan(_place, FileId.ByteLength));
        return FileCertificate.TryRead(stamped, out var certificate) ? certificate : throw new InvalidOperationException("Its form is right.");
    }

    public static FileId IdOf(long number)
    {
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        WriteId(number, id);
        return FileId.FromBytes(id);
    }

    /// <summary>Ids come in no order, and begin alike, as do those that one node stores.</summary>
    private static void WriteId(long number, Span<byte> id)
    {
        Span<byte> text = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(text, number);
        SHA1.HashData(text, id);
        id[0] = 0x5a;
    }
}
