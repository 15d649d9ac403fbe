using System.Buffers;
using System.Text;
using P2P.Pastry;
using P2P.Pastry.Wire;
using PastryApplicationId = P2P.Pastry.PastryApplicationId;

namespace Pastry.Tests.Wire;

public class MessageFormatTests
{
    private static readonly NodeHandle Alice =
        new(NodeId.Parse("10233102000000000000000000000001"), incarnation: 1, [new NodeAddress("192.0.2.1", 4000)]);

    private static readonly NodeHandle Bob =
        new(NodeId.Parse("f0000000000000000000000000000002"), incarnation: 300, [new NodeAddress("bob.example", 4001), new NodeAddress("2001:db8::2", 443)], failureDomain: 7);

    private static readonly Message[] OneOfEachKind =
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
    ];

    [Fact]
    public void Bytes_of_every_kind_are_as_approved()
    {
        var text = new StringBuilder();
        foreach (var message in OneOfEachKind.OrderBy(message => message.Kind))
        {
            text.Append(message.Kind).Append('\n').Append(Bytes.Dump(Bytes.Of(message))).Append('\n');
        }

        text.Append("Routed with its origin\n").Append(Bytes.Dump(Bytes.Of(OneOfEachKind[0] with { Extension = HeaderExtension.OfOrigin(Alice) })));

        Approve.Text(text.ToString());
    }

    [Fact]
    public void Every_kind_is_among_those_that_are_tested() =>
        Assert.Equal(Enum.GetValues<MessageKind>(), OneOfEachKind.Select(message => message.Kind).Order());

    [Fact]
    public void Every_kind_is_read_as_it_was_written()
    {
        foreach (var message in OneOfEachKind)
        {
            var bytes = Bytes.Of(message);
            Assert.True(MessageFormat.TryRead(bytes, out var read), $"{message.Kind} can't be read back");
            Assert.Equal(
                (message.Kind, message.Hops, message.Sequence, message.Application, message.Key),
                (read.Kind, read.Hops, read.Sequence, read.Application, read.Key));
            Assert.Equal(message.Payload.Content?.GetType(), read.Payload.Content?.GetType());
            Assert.Equal(bytes, Bytes.Of(read));
        }
    }

    [Fact]
    public void Payload_of_an_application_stays_where_it_lies()
    {
        var bytes = Bytes.Of(OneOfEachKind[0]);
        Assert.True(MessageFormat.TryRead(bytes, out var read));
        Assert.True(read.Payload.Memory.Span.Overlaps(bytes));
    }

    [Fact]
    public void Largest_bodies_that_a_node_may_send_can_be_read()
    {
        // l = 128 and its obituaries; b = 8, where a full row travels with the node that gives it.
        var handles = Enumerable.Repeat(Bob, 256).ToArray();
        Assert.True(MessageFormat.TryRead(Bytes.Of(Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody(handles[..128], handles))), out _));
        Assert.True(MessageFormat.TryRead(Bytes.Of(Message.Control(MessageKind.RowReply, 1, new RowBody(new TableRow(0, handles), []))), out _));
    }

    [Fact]
    public void Fields_that_a_later_version_adds_are_skipped()
    {
        // Pings of later versions may carry a body; bodies may have more fields at the end.
        var lease = Bytes.Of(Message.Control(MessageKind.Lease, 0, new LeaseBody(new Instant(1), new Instant(2), LeaseFlags.Grant, [Bob.Id], null)));
        lease[8]++;
        Assert.True(MessageFormat.TryRead((byte[])[.. lease, 0x93, 1, 2, 0xA1, (byte)'x'], out var read));
        Assert.Equal(new Instant(2), ((LeaseBody)read.Payload.Content!).Echo);
        Assert.True(MessageFormat.TryRead((byte[])[.. Bytes.Of(Message.Control(MessageKind.Ping)), 1, 2, 3], out _));
    }

    [Fact]
    public void Other_versions_and_unknown_kinds_are_refused()
    {
        foreach (var message in OneOfEachKind)
        {
            var bytes = Bytes.Of(message);
            bytes[0] = 2;
            Assert.False(MessageFormat.TryRead(bytes, out _));
        }

        foreach (var kind in (byte[])[0, 16, 99, 127])
        {
            Assert.False(MessageFormat.TryRead(new byte[] { 1, kind, 0, 2, 0, 0, 0, 0, 0x90 }, out _));
        }
    }

    [Fact]
    public void Truncated_messages_are_refused()
    {
        foreach (var message in OneOfEachKind)
        {
            var bytes = Bytes.Of(message);
            var header = message.Kind switch { MessageKind.Routed => 28, MessageKind.Direct => 12, _ => bytes.Length };
            for (var length = 0; length < header; length++)
            {
                Assert.False(MessageFormat.TryRead(bytes.AsMemory(0, length), out _), $"{message.Kind} cut to {length} bytes");
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Hostile_bytes_never_throw_and_cost_no_more_than_their_length_explains(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 30_000; round++)
        {
            var bytes = random.Next(4) == 0 ? Noise(random) : Mutated(random, Bytes.Of(OneOfEachKind[random.Next(OneOfEachKind.Length)]));
            var before = GC.GetAllocatedBytesForCurrentThread();
            if (MessageFormat.TryRead(bytes, out var message) && message.Payload.Content is { } content)
            {
                content.WriteTo(new ArrayBufferWriter<byte>());
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 16_384 + 64 * bytes.Length, $"seed {seed}, round {round}: {allocated} bytes for {bytes.Length}");
        }
    }

    [Theory]
    [InlineData(0x91)]
    [InlineData(0x81)]
    public void Deep_nesting_in_fields_to_be_skipped_is_refused(byte opening)
    {
        var lease = Bytes.Of(Message.Control(MessageKind.Lease, 0, new LeaseBody(new Instant(1), new Instant(2), LeaseFlags.Grant, [Bob.Id], null)));
        lease[8]++;
        var nested = new byte[1 << 20];
        Array.Fill(nested, opening);
        Assert.False(MessageFormat.TryRead((byte[])[.. lease, .. nested], out _));
    }

    private static byte[] Noise(Random random)
    {
        var bytes = new byte[random.Next(200)];
        random.NextBytes(bytes);
        if (bytes.Length > 3)
        {
            // Past the first checks, or nothing else would be tested.
            bytes[0] = MessageFormat.Version;
            bytes[3] = (byte)random.Next(8);
            bytes[1] = (byte)(random.Next(8) == 0 ? random.Next(0x80, 0x100) : random.Next(17));
        }

        return bytes;
    }

    private static byte[] Mutated(Random random, byte[] bytes)
    {
        for (var change = random.Next(1, 4); change > 0; change--)
        {
            var at = random.Next(bytes.Length);
            bytes = random.Next(4) switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[Math.Min(at + 1, bytes.Length)..]],
                // The markers of arrays, maps, strings and bytes of any length.
                _ => [.. bytes[..at], (byte)(random.Next(2) == 0 ? random.Next(0xC4, 0xE0) : random.Next(256)), .. bytes[Math.Min(at + 1, bytes.Length)..]],
            };
            if (bytes.Length == 0)
            {
                return bytes;
            }
        }

        return bytes;
    }
}
