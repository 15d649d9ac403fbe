using System.Buffers.Binary;
using MessagePack;
using P2P.Bloom;

namespace P2P.Past.Wire;

/// <summary>
/// Sums up which files of an interval of the ring the sender holds. A neighbour that holds others which the sender should hold as well offers these.
/// </summary>
internal sealed class ReplicaSummary(KeyRange range, BloomFilter held) : PastMessage
{
    /// <summary>How many files one summary is made for.</summary>
    public const int FilesMax = 8_192;

    /// <summary>The most bits that a filter may have: ten for each file, and some.</summary>
    public const int BitsMax = 128 * 1024;

    private const int Fields = 3;
    private const int EncodedMax = BitsMax / 8 + 64;

    /// <summary>Where a filter's length in bits stands in its encoding.</summary>
    private const int BitsOffset = 16;

    /// <summary>The interval.</summary>
    public KeyRange Range { get; } = range;

    /// <summary>A filter of the ids, 20 bytes each.</summary>
    public BloomFilter Held { get; } = held;

    public override PastMessageKind Kind => PastMessageKind.ReplicaSummary;

    protected override int FieldCount => Fields;

    public static ReplicaSummary Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new ReplicaSummary(
            new KeyRange(StatementFields.ReadNodeId(ref fields), StatementFields.ReadNodeId(ref fields)), ReadFilter(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        StatementFields.Write(ref writer, Range.First);
        StatementFields.Write(ref writer, Range.Last);
        writer.Write(Held.ToBytes());
    }

    private static BloomFilter ReadFilter(ref MessagePackReader reader)
    {
        // A few bytes can announce a filter of many: how many, is looked at before it is made.
        var encoded = StatementFields.ReadBytes(ref reader, BitsOffset + sizeof(ulong), EncodedMax);
        return BinaryPrimitives.ReadUInt64LittleEndian(encoded.AsSpan(BitsOffset)) <= BitsMax && BloomFormat.TryRead<BloomFilter>(encoded, out var filter)
            ? filter
            : throw new MessagePackSerializationException("The bytes are no filter of a summary.");
    }
}
