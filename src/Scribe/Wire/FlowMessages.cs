using MessagePack;

namespace P2P.Scribe.Wire;

/// <summary>
/// Stands between batches, and is answered by who has come to it: so the sender knows what is still under way.
/// </summary>
/// <param name="group">Zero between neighbours in the trees; else the group that the sender publishes in.</param>
/// <param name="mark">What the answer repeats.</param>
/// <param name="isAnswer">Whether this is the answer.</param>
internal sealed class FlowMark(GroupId group, ulong mark, bool isAnswer) : ScribeMessage
{
    private const int FieldCount = 2;

    public GroupId Group { get; } = group;

    public ulong Mark { get; } = mark;

    public bool IsAnswer { get; } = isAnswer;

    public override ScribeMessageKind Kind => IsAnswer ? ScribeMessageKind.FlowAnswer : ScribeMessageKind.FlowMark;

    public static FlowMark Read(ref MessagePackReader reader, bool isAnswer)
    {
        var (group, mark) = Fields.ReadAll(
            ref reader, FieldCount, static (ref MessagePackReader fields) => (Fields.ReadGroup(ref fields), fields.ReadUInt64()));
        return new FlowMark(group, mark, isAnswer);
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(Mark);
    }
}

/// <summary>Tells a neighbour that messages which are not ordered were dropped, since it takes less than there is.</summary>
internal sealed class DropNotice(GroupId group, int count) : ScribeMessage
{
    private const int FieldCount = 2;

    public GroupId Group { get; } = group;

    /// <summary>How many messages; 1 or more.</summary>
    public int Count { get; } = count;

    public override ScribeMessageKind Kind => ScribeMessageKind.DropNotice;

    public static DropNotice Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, FieldCount, static (ref MessagePackReader fields) => new DropNotice(Fields.ReadGroup(ref fields), Fields.ReadInteger(ref fields, 1, int.MaxValue)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(Count);
    }
}
