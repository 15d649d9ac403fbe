using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using P2P.Bloom;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch.Wire;

/// <summary>
/// Writes and reads registrations: version (1 byte), length of the site's name (1), the name, generation (8), then the public summary and that for members. A summary is a kind (1 byte) and what the kind
/// needs: nothing; a fingerprint (8); a filter; or two fingerprints (8 each), a number of parts (1) and so many deltas. Filters and deltas come with their lengths (4 each). Numbers are little-endian.
/// </summary>
internal static class RegistrationFormat
{
    public const byte Version = 1;

    /// <summary>How many bytes a registration has at most: two filters of the longest vectors, and what stands around them.</summary>
    public const int LengthMax = 2 * (SummaryFilter.Vectors * (int)(SummaryFilter.BitsMax / 8) + 1024);

    private const byte Nothing = 0;
    private const byte AsItWas = 1;
    private const byte Whole = 2;
    private const byte Changes = 3;

    // Where filters and deltas say which they are; docs/protocols/bloom.md shows every byte.
    private const int KindAt = 3;
    private const int VectorsAt = 5;
    private const int BitsAt = 16;
    private const byte Partitioned = 2;

    public static byte[] Write(RegistrationMessage message)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        writer.Write(Version);
        writer.Write((byte)message.Site.Value.Length);
        writer.Write(Encoding.ASCII.GetBytes(message.Site.Value));
        writer.Write(message.Generation);
        Write(writer, message.Public);
        Write(writer, message.Members);
        writer.Flush();
        return bytes.ToArray();
    }

    public static bool TryRead(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out RegistrationMessage? message)
    {
        message = null;
        var rest = bytes;
        if (bytes.Length > LengthMax
            || !TryTake(ref rest, 2, out var head)
            || head[0] != Version
            || !TryTake(ref rest, head[1], out var name)
            || !SiteName.TryParse(Encoding.ASCII.GetString(name), out var site)
            || !TryTakeNumber(ref rest, out var generation)
            || !TryReadSummary(ref rest, out var publicNews)
            || !TryReadSummary(ref rest, out var membersNews)
            || !rest.IsEmpty)
        {
            return false;
        }

        message = new() { Site = site, Generation = (long)generation, Public = publicNews, Members = membersNews };
        return true;
    }

    private static void Write(BinaryWriter writer, SummaryNews news)
    {
        switch (news)
        {
            case SummaryNews.AsItWas same:
                writer.Write(AsItWas);
                writer.Write(same.Fingerprint);
                break;
            case SummaryNews.Whole whole:
                writer.Write(Whole);
                WriteBlock(writer, whole.Filter.ToBytes());
                break;
            case SummaryNews.Changes changes:
                writer.Write(Changes);
                writer.Write(changes.Base);
                writer.Write(changes.Result);
                writer.Write((byte)changes.Parts.Count);
                foreach (var part in changes.Parts)
                {
                    WriteBlock(writer, part.ToBytes());
                }

                break;
            default:
                writer.Write(Nothing);
                break;
        }
    }

    private static void WriteBlock(BinaryWriter writer, byte[] block)
    {
        writer.Write(block.Length);
        writer.Write(block);
    }

    private static bool TryReadSummary(ref ReadOnlySpan<byte> rest, [NotNullWhen(true)] out SummaryNews? news)
    {
        news = null;
        if (!TryTake(ref rest, 1, out var kind))
        {
            return false;
        }

        news = kind[0] switch
        {
            Nothing => SummaryNews.Nothing.Instance,
            AsItWas => TryTakeNumber(ref rest, out var fingerprint) ? new SummaryNews.AsItWas(fingerprint) : null,
            Whole => TryTakeBlock(ref rest, out var block) && IsPartitioned(block) && BloomFormat.TryRead<PartitionedBloomFilter>(block, out var filter, BloomHasher.Default) ? new SummaryNews.Whole(filter) : null,
            Changes => ReadChanges(ref rest),
            _ => null,
        };
        return news is not null;
    }

    private static SummaryNews.Changes? ReadChanges(ref ReadOnlySpan<byte> rest)
    {
        if (!TryTakeNumber(ref rest, out var before) || !TryTakeNumber(ref rest, out var after) || !TryTake(ref rest, 1, out var count) || count[0] is not (1 or SummaryFilter.Vectors))
        {
            return null;
        }

        var parts = new BloomDelta[count[0]];
        for (var index = 0; index < parts.Length; index++)
        {
            if (!TryTakeBlock(ref rest, out var block) || !HasOurLength(block) || !BloomFormat.TryReadDelta(block, out var part))
            {
                return null;
            }

            parts[index] = part;
        }

        return new(before, after, parts);
    }

    /// <summary>Looks before memory is taken for what a few bytes may claim to be.</summary>
    private static bool IsPartitioned(ReadOnlySpan<byte> filter) => HasOurLength(filter) && filter[KindAt] == Partitioned;

    private static bool HasOurLength(ReadOnlySpan<byte> block) =>
        block.Length >= BitsAt + sizeof(long)
        && block[VectorsAt] == SummaryFilter.Vectors
        && BinaryPrimitives.ReadInt64LittleEndian(block[BitsAt..]) is >= SummaryFilter.BitsMin and <= SummaryFilter.BitsMax;

    private static bool TryTakeBlock(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> block)
    {
        block = default;
        return TryTake(ref rest, sizeof(int), out var length) && TryTake(ref rest, BinaryPrimitives.ReadInt32LittleEndian(length), out block);
    }

    private static bool TryTakeNumber(ref ReadOnlySpan<byte> rest, out ulong number)
    {
        var isThere = TryTake(ref rest, sizeof(ulong), out var bytes);
        number = isThere ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return isThere;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> rest, int length, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (length < 0 || length > rest.Length)
        {
            return false;
        }

        taken = rest[..length];
        rest = rest[length..];
        return true;
    }
}
