using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using P2P.Bloom;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Wire;

/// <summary>
/// Is what a registrar asks of, or tells, who holds a vector: version (1 byte), kind (1), session (8), order (8), scope (1), site (4), then what the kind needs. Numbers are little-endian.
/// </summary>
internal sealed record VectorRequest
{
    public const byte Version = 1;

    /// <summary>How many bytes a request has at most.</summary>
    public const int LengthMax = HeaderLength + (int)(SummaryFilter.BitsMax / 8) + 1024;

    /// <summary>How many sites may be told apart.</summary>
    public const int SitesMax = 1 << 20;

    private const int HeaderLength = 23;

    public required VectorRequestKind Kind { get; init; }

    /// <summary>What tells this registrar from others, and from itself before it was restarted.</summary>
    public required ulong Session { get; init; }

    /// <summary>Rises with each request, so that one that comes late changes nothing that a later one has said.</summary>
    public required long Order { get; init; }

    public SummaryScope Scope { get; init; }

    public int Site { get; init; }

    public BloomVector? Vector { get; init; }

    public BloomDelta? Delta { get; init; }

    public IReadOnlyList<BloomHash[]> Alternatives { get; init; } = [];

    public byte[] ToBytes()
    {
        var body = Kind switch
        {
            VectorRequestKind.Find => WriteAlternatives(),
            VectorRequestKind.Set => Vector!.ToBytes(),
            VectorRequestKind.Change => Delta!.ToBytes(),
            _ => [],
        };
        var bytes = new byte[HeaderLength + body.Length];
        bytes[0] = Version;
        bytes[1] = (byte)Kind;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(2), Session);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(10), Order);
        bytes[18] = (byte)Scope;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(19), Site);
        body.CopyTo(bytes, HeaderLength);
        return bytes;
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out VectorRequest? request)
    {
        request = null;
        if (bytes.Length is < HeaderLength or > LengthMax || bytes[0] != Version || bytes[18] > (byte)SummaryScope.Members)
        {
            return false;
        }

        var header = new VectorRequest
        {
            Kind = (VectorRequestKind)bytes[1],
            Session = BinaryPrimitives.ReadUInt64LittleEndian(bytes[2..]),
            Order = BinaryPrimitives.ReadInt64LittleEndian(bytes[10..]),
            Scope = (SummaryScope)bytes[18],
            Site = BinaryPrimitives.ReadInt32LittleEndian(bytes[19..]),
        };
        if (header.Site is >= 0 and < SitesMax)
        {
            request = ReadBody(header, bytes[HeaderLength..]);
        }

        return request is not null;
    }

    private static VectorRequest? ReadBody(VectorRequest header, ReadOnlySpan<byte> body)
    {
        switch (header.Kind)
        {
            case VectorRequestKind.Hello or VectorRequestKind.Remove:
                return body.IsEmpty ? header : null;
            case VectorRequestKind.Find:
                return ReadAlternatives(body) is { } alternatives ? header with { Alternatives = alternatives } : null;
            case VectorRequestKind.Set:
                return BloomFormat.TryRead<BloomVector>(body, out var vector, BloomHasher.Default) ? header with { Vector = vector } : null;
            case VectorRequestKind.Change:
                return BloomFormat.TryReadDelta(body, out var delta) ? header with { Delta = delta } : null;
            default:
                return null;
        }
    }

    private byte[] WriteAlternatives()
    {
        var bytes = new byte[1 + Alternatives.Sum(hashes => 1 + sizeof(ulong) * hashes.Length)];
        var at = 0;
        bytes[at++] = (byte)Alternatives.Count;
        foreach (var hashes in Alternatives)
        {
            bytes[at++] = (byte)hashes.Length;
            foreach (var hash in hashes)
            {
                // The other half follows from this one.
                BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(at), hash.Low);
                at += sizeof(ulong);
            }
        }

        return bytes;
    }

    private static BloomHash[][]? ReadAlternatives(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] > RegistrarBounds.AlternativesMax)
        {
            return null;
        }

        var alternatives = new BloomHash[bytes[0]][];
        bytes = bytes[1..];
        for (var index = 0; index < alternatives.Length; index++)
        {
            if (bytes.IsEmpty || bytes[0] > RegistrarBounds.HashesMax || bytes.Length < 1 + sizeof(ulong) * bytes[0])
            {
                return null;
            }

            var hashes = alternatives[index] = new BloomHash[bytes[0]];
            bytes = bytes[1..];
            for (var each = 0; each < hashes.Length; each++)
            {
                hashes[each] = SummaryFilter.HashOf(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                bytes = bytes[sizeof(ulong)..];
            }
        }

        return bytes.IsEmpty ? alternatives : null;
    }
}
