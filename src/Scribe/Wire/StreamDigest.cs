using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>Tells how far a stream of ordered batches has come.</summary>
/// <param name="StreamId">The stream: zero for the one that the rendezvous point orders, else its author.</param>
/// <param name="Last">The place of the last batch.</param>
/// <param name="EpochStart">The number with which the last one's epoch began.</param>
internal readonly record struct StreamDigest(NodeId StreamId, GroupPosition Last, ulong EpochStart)
{
    /// <summary>The most streams of a group that are told of.</summary>
    public const int CountMax = 64;

    private const int FieldCount = 4;

    public static StreamDigest Read(ref MessagePackReader reader) => Fields.ReadArray(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) =>
        {
            var stream = Fields.ReadNodeId(ref fields);
            var last = Fields.ReadPosition(ref fields);
            return new StreamDigest(stream, last, Fields.ReadNumber(ref fields));
        });

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, StreamId);
        writer.Write(Last.Epoch);
        writer.Write(Last.Number);
        writer.Write(EpochStart);
    }
}
