using System.Buffers;
using System.Buffers.Binary;
using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Carries a batch: from its author to the rendezvous point, from there down the tree, to who asks for it again, to who keeps the rendezvous point's
/// state, and to who asks whether there is anything new. Its form is fixed, so that it is passed on without being decoded.
/// </summary>
/// <param name="kind">What is done with it: <see cref="ScribeMessageKind.Batch"/>, <see cref="ScribeMessageKind.Publication"/>, <see cref="ScribeMessageKind.RecordAppend"/> or <see cref="ScribeMessageKind.Witness"/>.</param>
/// <param name="batch">What the author has signed.</param>
/// <param name="position">Its place in the group's order; none where it has none, or not yet.</param>
/// <param name="epochStart">The number with which the place's epoch began; of a publication, the author's first batch that may still come.</param>
/// <param name="isReplay">Whether the receiver has asked for it.</param>
internal sealed class BatchMessage(ScribeMessageKind kind, SignedBatch batch, GroupPosition position, ulong epochStart, bool isReplay) : ScribeMessage
{
    private const int HeadLength = 4 + sizeof(uint) + 2 * sizeof(ulong);
    private const byte ReplayFlag = 1;

    public override ScribeMessageKind Kind { get; } = kind;

    public SignedBatch Batch { get; } = batch;

    public GroupPosition Position { get; } = position;

    public ulong EpochStart { get; } = epochStart;

    public bool IsReplay { get; } = isReplay;

    /// <summary>How long the sender has had a batch that was published before it is sent: how long ago that was, nearly.</summary>
    public TimeSpan Age { get; init; }

    /// <summary>Gives the same batch for whoever lacks it.</summary>
    public BatchMessage Again(bool isReplay, TimeSpan age) => new(ScribeMessageKind.Batch, Batch, Position, EpochStart, isReplay) { Age = age };

    public override int EncodedLengthMax => HeadLength + Batch.Bytes.Length;

    /// <summary>Tells of which group a message is that is passed on down a tree and kept by nobody on the way: not an ordered one.</summary>
    public static bool TryGetLooseGroup(ReadOnlySpan<byte> bytes, out GroupId group)
    {
        const int Unordered = HeadLength + SignedBatch.LengthBytes + GroupId.ByteLength + NodeId.ByteLength;
        var isLoose = bytes.Length > Unordered && bytes[1] == (byte)ScribeMessageKind.Batch && bytes[Unordered] != 0;
        group = isLoose ? GroupId.FromBytes(bytes.Slice(HeadLength + SignedBatch.LengthBytes, GroupId.ByteLength)) : default;
        return isLoose;
    }

    public override void WriteTo(IBufferWriter<byte> writer)
    {
        var head = writer.GetSpan(HeadLength);
        head[0] = Version;
        head[1] = (byte)Kind;
        head[2] = IsReplay ? ReplayFlag : (byte)0;
        head[3] = AgeField.Write(Age);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], Position.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(head[8..], Position.Number);
        BinaryPrimitives.WriteUInt64BigEndian(head[16..], EpochStart);
        writer.Advance(HeadLength);
        writer.Write(Batch.Bytes.Span);
    }

    /// <summary>Reads a message of one of these kinds; the batch gets bytes of its own.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="isPassedOn">Whether nobody at this node needs the batch for longer than to pass it on: its bytes are lent to it then.</param>
    public static BatchMessage? Read(ReadOnlySpan<byte> bytes, bool isPassedOn)
    {
        if (bytes.Length < HeadLength || !SignedBatch.TryCopy(bytes[HeadLength..], isPassedOn, out var batch))
        {
            return null;
        }

        var position = new GroupPosition(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));
        var epochStart = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        return position.Number <= Fields.NumberMax && epochStart <= Fields.NumberMax
            ? new BatchMessage((ScribeMessageKind)bytes[1], batch, position, epochStart, (bytes[2] & ReplayFlag) != 0) { Age = AgeField.Read(bytes[3]) }
            : null;
    }

    protected override void WriteFields(ref MessagePackWriter writer) => throw new NotSupportedException("A batch is no array of fields.");
}
