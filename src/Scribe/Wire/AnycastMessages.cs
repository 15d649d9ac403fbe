using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Looks for a member of a group that accepts: towards the group's id until it meets the tree, and then through that, depth first. Where it has been
/// and where it goes next stands in it, so that nodes need not remember it.
/// </summary>
/// <param name="client">Who is to be answered.</param>
/// <param name="request">What the author has signed: a batch of one message, which is an anycast.</param>
/// <param name="visited">Where in the tree it has been, shortened to 64 bits each.</param>
/// <param name="next">Where in the tree it goes next, the last one first.</param>
internal sealed class AnycastSearch(NodeHandle client, SignedBatch request, ulong[] visited, NodeHandle[] next) : ScribeMessage
{
    /// <summary>The most nodes that a search visits.</summary>
    public const int VisitedMax = 128;

    /// <summary>The most nodes that it has before it.</summary>
    public const int NextMax = 32;

    private const int FieldCount = 4;

    public NodeHandle Client { get; } = client;

    public SignedBatch Request { get; } = request;

    public ulong[] Visited { get; } = visited;

    public NodeHandle[] Next { get; } = next;

    public override ScribeMessageKind Kind => ScribeMessageKind.AnycastSearch;

    public static AnycastSearch Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new AnycastSearch(
            Fields.ReadNode(ref fields),
            ReadRequest(ref fields),
            Fields.ReadList(ref fields, VisitedMax, static (ref MessagePackReader visited) => visited.ReadUInt64()),
            Fields.ReadList(ref fields, NextMax, Fields.ReadNode)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Client);
        writer.Write(Request.Bytes.Span);
        writer.WriteArrayHeader(Visited.Length);
        foreach (var node in Visited)
        {
            writer.Write(node);
        }

        writer.WriteArrayHeader(Next.Length);
        foreach (var node in Next)
        {
            Fields.Write(ref writer, node);
        }
    }

    private static SignedBatch ReadRequest(ref MessagePackReader reader)
    {
        Fields.Require(SignedBatch.TryRead(Fields.ReadBytes(ref reader, 1, SignedBatch.MaxLength), out var request) && request!.IsAnycast);
        return request!;
    }
}

/// <summary>Ends an <see cref="AnycastSearch"/>.</summary>
/// <param name="operation">The client's number.</param>
/// <param name="outcome">What became of it.</param>
/// <param name="reply">What the member says that has accepted. The sender is its node.</param>
internal sealed class AnycastReply(ulong operation, AnycastOutcome outcome, ReadOnlyMemory<byte> reply) : ScribeMessage
{
    private const int FieldCount = 3;

    public ulong Operation { get; } = operation;

    public AnycastOutcome Outcome { get; } = outcome;

    public ReadOnlyMemory<byte> Reply { get; } = reply;

    public override ScribeMessageKind Kind => ScribeMessageKind.AnycastReply;

    public static AnycastReply Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new AnycastReply(
            fields.ReadUInt64(), Fields.ReadEnum(ref fields, AnycastOutcome.Denied), Fields.ReadBytes(ref fields, 0, SignedBatch.ContentLengthMax)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Operation);
        writer.Write((int)Outcome);
        writer.Write(Reply.Span);
    }
}

/// <summary>Says what became of a search for a member. The numbers are on the wire.</summary>
internal enum AnycastOutcome
{
    /// <summary>A member has accepted: the sender.</summary>
    Accepted = 0,

    /// <summary>Nobody that was asked has.</summary>
    NobodyAccepted = 1,

    /// <summary>There is no such group.</summary>
    NotFound = 2,

    /// <summary>The author may not ask, or asks too much.</summary>
    Denied = 3,
}
