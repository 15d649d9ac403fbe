using System.Buffers;
using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>Is what a message of the protocol itself carries, as a MessagePack array of fields; fields are only ever added at the end.</summary>
internal abstract class ControlBody : PayloadContent
{
    public sealed override void WriteTo(IBufferWriter<byte> writer)
    {
        var pack = new MessagePackWriter(writer);
        Write(ref pack);
        pack.Flush();
    }

    protected abstract void Write(ref MessagePackWriter writer);

    protected static int ReadHeader(ref MessagePackReader reader, int atLeast)
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= atLeast, "A message lacks fields.");
        return fields;
    }
}

/// <summary>A newcomer and the rows that nodes on the way have given it (§2.4).</summary>
internal sealed class JoinRequestBody(NodeHandle joiner, TableRow[] rows, NodeHandle[] near, ulong nonce, RingParameters parameters) : ControlBody
{
    private const int Fields = 5;

    private int _length;

    public NodeHandle Joiner { get; } = joiner;

    public TableRow[] Rows { get; } = rows;

    public override int EncodedLengthMax =>
        _length != 0 ? _length : _length = 32 + Joiner.EncodedLengthMax + Near.Sum(node => node.EncodedLengthMax) + Rows.Sum(row => row.EncodedLength);

    /// <summary>The neighbourhood of the first node on the way.</summary>
    public NodeHandle[] Near { get; } = near;

    /// <summary>Repeated by the answer, so that only those who have seen the request can give one.</summary>
    public ulong Nonce { get; } = nonce;

    /// <summary>What the newcomer is set to.</summary>
    public RingParameters Parameters { get; } = parameters;

    public static JoinRequestBody Read(ref MessagePackReader reader)
    {
        var fields = ReadHeader(ref reader, Fields);
        var body = new JoinRequestBody(
            NodeHandleFormat.Read(ref reader),
            TableRow.ReadMany(ref reader),
            NodeHandleFormat.ReadMany(ref reader, Limits.HandlesPerList),
            reader.ReadUInt64(),
            RingParameters.Read(ref reader));
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        return body;
    }

    protected override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        NodeHandleFormat.Write(ref writer, Joiner);
        TableRow.WriteMany(ref writer, Rows);
        NodeHandleFormat.WriteMany(ref writer, Near);
        writer.Write(Nonce);
        Parameters.Write(ref writer);
    }
}

/// <summary>What a newcomer starts with: its rows, the leaf set of the node closest to it, and near nodes.</summary>
internal sealed class JoinReplyBody(TableRow[] rows, NodeHandle[] leafSet, NodeHandle[] near, ulong nonce, RingParameters parameters) : ControlBody
{
    private const int Fields = 5;

    public TableRow[] Rows { get; } = rows;

    public NodeHandle[] LeafSet { get; } = leafSet;

    public NodeHandle[] Near { get; } = near;

    /// <summary>The number that the request brought.</summary>
    public ulong Nonce { get; } = nonce;

    /// <summary>What the ring is set to.</summary>
    public RingParameters Parameters { get; } = parameters;

    public static JoinReplyBody Read(ref MessagePackReader reader)
    {
        var fields = ReadHeader(ref reader, Fields);
        var body = new JoinReplyBody(
            TableRow.ReadMany(ref reader),
            NodeHandleFormat.ReadMany(ref reader, Limits.HandlesPerList),
            NodeHandleFormat.ReadMany(ref reader, Limits.HandlesPerList),
            reader.ReadUInt64(),
            RingParameters.Read(ref reader));
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        return body;
    }

    protected override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        TableRow.WriteMany(ref writer, Rows);
        NodeHandleFormat.WriteMany(ref writer, LeafSet);
        NodeHandleFormat.WriteMany(ref writer, Near);
        writer.Write(Nonce);
        Parameters.Write(ref writer);
    }
}

/// <summary>A leaf set and those of whom its owner believes that they have failed or left.</summary>
internal sealed class LeafSetBody(NodeHandle[] members, NodeHandle[] failed) : ControlBody
{
    private const int Fields = 2;

    public NodeHandle[] Members { get; } = members;

    public NodeHandle[] Failed { get; } = failed;

    public static LeafSetBody Read(ref MessagePackReader reader)
    {
        var fields = ReadHeader(ref reader, Fields);
        var body = new LeafSetBody(
            NodeHandleFormat.ReadMany(ref reader, Limits.HandlesPerList),
            NodeHandleFormat.ReadMany(ref reader, Limits.HandlesPerList));
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        return body;
    }

    protected override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        NodeHandleFormat.WriteMany(ref writer, Members);
        NodeHandleFormat.WriteMany(ref writer, Failed);
    }
}

/// <summary>
/// A heartbeat between ring neighbours. A lease counts from the instant that its holder stamped, which the grantor echoes, so that clocks
/// need not agree.
/// </summary>
internal sealed class LeaseBody(Instant stamp, Instant echo, LeaseFlags flags, NodeId[] beyond, NodeId? beside) : ControlBody
{
    private const int Fields = 5;

    /// <summary>The sender's clock when it sent this.</summary>
    public Instant Stamp { get; } = stamp;

    /// <summary>The last stamp that the sender has from the receiver, by the receiver's clock; zero where it has none.</summary>
    public Instant Echo { get; } = echo;

    public LeaseFlags Flags { get; } = flags;

    /// <summary>The first of the sender's leaf set on its other side: who comes next, seen from the receiver.</summary>
    public NodeId[] Beyond { get; } = beyond;

    /// <summary>The node behind the receiver whose lease from the sender still runs, or null; until it has run out, the new one needs that node's as well.</summary>
    public NodeId? Beside { get; } = beside;

    public static LeaseBody Read(ref MessagePackReader reader)
    {
        var fields = ReadHeader(ref reader, Fields);
        var body = new LeaseBody(
            new Instant(reader.ReadInt64()),
            new Instant(reader.ReadInt64()),
            (LeaseFlags)reader.ReadByte(),
            ReadIds(ref reader),
            reader.TryReadNil() ? null : NodeHandleFormat.ReadId(ref reader));
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        return body;
    }

    protected override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Stamp.Ticks);
        writer.Write(Echo.Ticks);
        writer.Write((byte)Flags);
        writer.WriteArrayHeader(Beyond.Length);
        foreach (var id in Beyond)
        {
            NodeHandleFormat.WriteId(ref writer, id);
        }

        if (Beside is { } holder)
        {
            NodeHandleFormat.WriteId(ref writer, holder);
        }
        else
        {
            writer.WriteNil();
        }
    }

    private static NodeId[] ReadIds(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        NodeHandleFormat.Require(count <= Limits.NeighborsBeyond, "A heartbeat names too many neighbours.");
        var ids = new NodeId[count];
        for (var i = 0; i < ids.Length; i++)
        {
            ids[i] = NodeHandleFormat.ReadId(ref reader);
        }

        return ids;
    }
}

[Flags]
internal enum LeaseFlags : byte
{
    None = 0,

    /// <summary>The sender takes the receiver for its immediate neighbour and grants it a lease.</summary>
    Grant = 1,

    /// <summary>The sender wants an answer.</summary>
    AnswerWanted = 2,

    /// <summary>The sender has another left neighbour than the receiver, and needs the leases no more that it had as such up to the echoed stamp.</summary>
    GivesBackLeft = 4,

    /// <summary>The same, of the right neighbour.</summary>
    GivesBackRight = 8,

    /// <summary>The sender cannot grant one now, and will ask when it can.</summary>
    Withheld = 16,
}

/// <summary>The number of a message that an application has taken.</summary>
internal sealed class ConfirmationBody(ulong number) : ControlBody
{
    private const int Fields = 1;

    public ulong Number { get; } = number;

    public static ConfirmationBody Read(ref MessagePackReader reader)
    {
        var fields = ReadHeader(ref reader, Fields);
        var number = reader.ReadUInt64();
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        return new ConfirmationBody(number);
    }

    protected override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write(Number);
    }
}

/// <summary>Asks for a row.</summary>
internal sealed class RowRequestBody(int row) : ControlBody
{
    private const int Fields = 1;

    public int Row { get; } = row;

    public static RowRequestBody Read(ref MessagePackReader reader)
    {
        var fields = ReadHeader(ref reader, Fields);
        var row = reader.ReadByte();
        NodeHandleFormat.Require(row < Limits.Rows, "A row lies outside of the table.");
        NodeHandleFormat.SkipRest(ref reader, fields, Fields);
        return new RowRequestBody(row);
    }

    protected override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.Write((byte)Row);
    }
}

/// <summary>One row of a routing table, and how near its nodes are to its owner.</summary>
internal sealed class RowBody(TableRow row, float[] proximities) : ControlBody
{
    private const int Fields = 2, FieldsAtFirst = 1;

    public TableRow Row { get; } = row;

    public static RowBody Read(ref MessagePackReader reader)
    {
        var fields = ReadHeader(ref reader, FieldsAtFirst);
        var row = TableRow.Read(ref reader);
        var proximities = fields >= Fields ? ReadProximities(ref reader) : [];
        NodeHandleFormat.SkipRest(ref reader, fields, fields < Fields ? FieldsAtFirst : Fields);
        return new RowBody(row, proximities);
    }

    /// <summary>Gives what the owner has measured of the node at this index, in milliseconds of a round trip, or NaN.</summary>
    public float ProximityOf(int index) => index < proximities.Length && proximities[index] > 0 ? proximities[index] : float.NaN;

    protected override void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        TableRow.Write(ref writer, Row);
        writer.WriteArrayHeader(proximities.Length);
        foreach (var proximity in proximities)
        {
            writer.Write(proximity);
        }
    }

    private static float[] ReadProximities(ref MessagePackReader reader)
    {
        var count = reader.ReadArrayHeader();
        NodeHandleFormat.Require(count <= Limits.HandlesPerRow, "A row has more proximities than nodes.");
        var proximities = new float[count];
        for (var i = 0; i < proximities.Length; i++)
        {
            proximities[i] = reader.ReadSingle();
        }

        return proximities;
    }
}
