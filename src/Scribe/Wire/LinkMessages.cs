using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Tells a neighbour in whatever trees that the sender lives: one message for all groups. A parent tells how far its streams have come, and which groups it
/// takes the receiver for its child in.
/// </summary>
internal sealed class Heartbeat(int groupCount, ulong groupHash, (GroupId Group, StreamDigest Digest)[] digests, GroupId[] behind) : ScribeMessage
{
    public const int DigestsMax = 512;

    public const int BehindMax = 512;

    private const int FieldCount = 4;
    private const int DigestFields = 2;

    /// <summary>In how many groups the receiver is the sender's child.</summary>
    public int GroupCount { get; } = groupCount;

    /// <summary>The exclusive or of those groups' low halves.</summary>
    public ulong GroupHash { get; } = groupHash;

    /// <summary>The streams that have moved since the last one.</summary>
    public (GroupId Group, StreamDigest Digest)[] Digests { get; } = digests;

    /// <summary>The groups in which the sender lacks something that there is, and is about to get it.</summary>
    public GroupId[] Behind { get; } = behind;

    public override ScribeMessageKind Kind => ScribeMessageKind.Heartbeat;

    public static Heartbeat Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new Heartbeat(
            Fields.ReadInteger(ref fields, 0, int.MaxValue),
            fields.ReadUInt64(),
            Fields.ReadList(
                ref fields,
                DigestsMax,
                static (ref MessagePackReader item) => Fields.ReadArray(
                    ref item, DigestFields, static (ref MessagePackReader pair) => (Fields.ReadGroup(ref pair), StreamDigest.Read(ref pair)))),
            Fields.ReadList(ref fields, BehindMax, Fields.ReadGroup)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(GroupCount);
        writer.Write(GroupHash);
        writer.WriteArrayHeader(Digests.Length);
        foreach (var (group, digest) in Digests)
        {
            writer.WriteArrayHeader(DigestFields);
            Fields.Write(ref writer, group);
            digest.Write(ref writer);
        }

        writer.WriteArrayHeader(Behind.Length);
        foreach (var group in Behind)
        {
            Fields.Write(ref writer, group);
        }
    }
}

/// <summary>Lists the groups of a range in which the sender takes the receiver for its parent: the two have lost track of each other.</summary>
/// <param name="from">The first group of the range.</param>
/// <param name="to">The last group of the range.</param>
/// <param name="groups">Those in it, in order.</param>
internal sealed class LinkReport(GroupId from, GroupId to, GroupId[] groups) : ScribeMessage
{
    public const int GroupsMax = LeaveNotice.GroupsMax;

    private const int FieldCount = 3;

    public GroupId From { get; } = from;

    public GroupId To { get; } = to;

    public GroupId[] Groups { get; } = groups;

    public override ScribeMessageKind Kind => ScribeMessageKind.LinkReport;

    public static LinkReport Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new LinkReport(
            Fields.ReadGroup(ref fields), Fields.ReadGroup(ref fields), Fields.ReadList(ref fields, GroupsMax, Fields.ReadGroup)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, From);
        Fields.Write(ref writer, To);
        writer.WriteArrayHeader(Groups.Length);
        foreach (var group in Groups)
        {
            Fields.Write(ref writer, group);
        }
    }
}

/// <summary>Asks a parent for batches that the sender has missed.</summary>
internal sealed class ReplayRequest(GroupId group, NodeId stream, ulong from, ulong to) : ScribeMessage
{
    private const int FieldCount = 4;

    public GroupId Group { get; } = group;

    public NodeId StreamId { get; } = stream;

    /// <summary>The number of the first one.</summary>
    public ulong From { get; } = from;

    /// <summary>The number of the last one.</summary>
    public ulong To { get; } = to;

    public override ScribeMessageKind Kind => ScribeMessageKind.ReplayRequest;

    public static ReplayRequest Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new ReplayRequest(Fields.ReadGroup(ref fields), Fields.ReadNodeId(ref fields), Fields.ReadNumber(ref fields), Fields.ReadNumber(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        Fields.Write(ref writer, StreamId);
        writer.Write(From);
        writer.Write(To);
    }
}

/// <summary>Tells a child that nobody above has the batches of a stream up to a number any more.</summary>
internal sealed class ReplayRefusal(GroupId group, NodeId stream, ulong upTo) : ScribeMessage
{
    private const int FieldCount = 3;

    public GroupId Group { get; } = group;

    public NodeId StreamId { get; } = stream;

    public ulong UpTo { get; } = upTo;

    public override ScribeMessageKind Kind => ScribeMessageKind.ReplayRefusal;

    public static ReplayRefusal Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new ReplayRefusal(Fields.ReadGroup(ref fields), Fields.ReadNodeId(ref fields), Fields.ReadNumber(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        Fields.Write(ref writer, StreamId);
        writer.Write(UpTo);
    }
}
