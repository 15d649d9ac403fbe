using P2P.Pastry;
using P2P.Pastry.Wire;
using PastryApplicationId = P2P.Pastry.PastryApplicationId;

namespace Pastry.Tests.Wire;

/// <summary>Messages to approve the bytes of, and to change into hostile ones.</summary>
internal static class Samples
{
    public static readonly NodeHandle Alice =
        new(NodeId.Parse("10233102000000000000000000000001"), incarnation: 1, [new NodeAddress("192.0.2.1", 4000)]);

    public static readonly NodeHandle Bob =
        new(NodeId.Parse("f0000000000000000000000000000002"), incarnation: 300, [new NodeAddress("bob.example", 4001), new NodeAddress("2001:db8::2", 443)], failureDomain: 7);

    public static readonly Message[] OneOfEachKind =
    [
        new()
        {
            Kind = MessageKind.Routed,
            Hops = 3,
            Sequence = 0x01020304,
            Application = new PastryApplicationId(0xAABBCCDD),
            Key = NodeId.Parse("000102030405060708090a0b0c0d0e0f"),
            Payload = Payload.FromBytes("hello"u8.ToArray()),
        },
        new() { Kind = MessageKind.Direct, Application = new PastryApplicationId(0xAABBCCDD), Payload = Payload.FromBytes("hello"u8.ToArray()) },
        new()
        {
            Kind = MessageKind.JoinRequest,
            Hops = 1,
            Sequence = 5,
            Key = Alice.Id,
            Payload = Payload.FromContent(new JoinRequestBody(Alice, [new TableRow(0, [Bob])], [Bob], 0x0123456789abcdef, new RingParameters(4, 32))),
        },
        Message.Control(MessageKind.JoinReply, 0, new JoinReplyBody([new TableRow(0, [Bob]), new TableRow(1, [])], [Alice, Bob], [], 0x0123456789abcdef, new RingParameters(4, 32))),
        Message.Control(MessageKind.LeafSetProbe, 9, new LeafSetBody([Alice], [Bob])),
        Message.Control(MessageKind.LeafSetReply, 9, new LeafSetBody([], [])),
        Message.Control(MessageKind.Lease, 0, new LeaseBody(new Instant(600_000_000), new Instant(1), LeaseFlags.Grant | LeaseFlags.AnswerWanted, [Alice.Id, Bob.Id], Bob.Id)),
        Message.Control(MessageKind.Ping, 10),
        Message.Control(MessageKind.Pong, 10),
        Message.Control(MessageKind.RowRequest, 0, new RowRequestBody(2)),
        Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(2, [Alice]), [12.5f])),
        Message.Control(MessageKind.RowAnnouncement, 0, new RowBody(new TableRow(0, [Bob]), [])),
        Message.Control(MessageKind.Acknowledgement, 0x01020304),
        Message.Control(MessageKind.Departure),
        Message.Control(MessageKind.Confirmation, 0, new ConfirmationBody(0x0123456789abcdef)),
        new()
        {
            Kind = MessageKind.PromptlyRouted,
            Hops = 3,
            Sequence = 0x01020304,
            Application = new PastryApplicationId(0xAABBCCDD),
            Key = NodeId.Parse("000102030405060708090a0b0c0d0e0f"),
            Payload = Payload.FromBytes("hello"u8.ToArray()),
        },
    ];

    /// <summary>What is not in one of each kind: extensions, kinds of later releases, and lists as long as they get.</summary>
    public static readonly Message[] Others =
    [
        OneOfEachKind[0] with { Extension = HeaderExtension.OfOrigin(Alice) },
        OneOfEachKind[0] with { Extension = HeaderExtension.OfNumber(0x0123456789abcdef, Alice, trace: null) },
        OneOfEachKind[0] with { Kind = (MessageKind)0x93, Extension = HeaderExtension.OfOrigin(Bob) },
        Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([.. Enumerable.Repeat(Bob, 32)], [.. Enumerable.Repeat(Alice, 32)])),
        Message.Control(MessageKind.RowReply, 1, new RowBody(new TableRow(127, [.. Enumerable.Repeat(Alice, Limits.HandlesPerRow)]), [.. Enumerable.Repeat(1f, Limits.HandlesPerRow)])),
        Message.Control(MessageKind.JoinReply, 0, new JoinReplyBody([.. Enumerable.Range(0, Limits.Rows).Select(row => new TableRow(row, []))], [], [Alice], 1, new RingParameters(1, 2))),
        Message.Control(MessageKind.Lease, 0, new LeaseBody(new Instant(long.MaxValue), new Instant(-1), (LeaseFlags)255, [], null)),
    ];
}
