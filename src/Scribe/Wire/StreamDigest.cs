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

    /// <summary>The most epochs of a stream that are told of.</summary>
    public const int EpochsMax = 8;

    private const int FieldCount = 5, FieldCountMin = 4;

    private readonly EpochBegin[]? _epochs;

    /// <summary>The last epochs of what the rendezvous point orders, the present one last; none where they are not known.</summary>
    public EpochBegin[] Epochs
    {
        get => _epochs ?? [];
        init => _epochs = value;
    }

    public static StreamDigest Read(ref MessagePackReader reader) => Fields.ReadArray(
        ref reader,
        FieldCountMin,
        FieldCount,
        static (ref MessagePackReader fields, int count) =>
        {
            var stream = Fields.ReadNodeId(ref fields);
            var last = Fields.ReadPosition(ref fields);
            return new StreamDigest(stream, last, Fields.ReadNumber(ref fields))
            {
                Epochs = count < FieldCount ? [] : Fields.ReadList(ref fields, EpochsMax, EpochBegin.Read),
            };
        });

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, StreamId);
        writer.Write(Last.Epoch);
        writer.Write(Last.Number);
        writer.Write(EpochStart);
        writer.WriteArrayHeader(Epochs.Length);
        foreach (var epoch in Epochs)
        {
            epoch.Write(ref writer);
        }
    }
}
