using System.Buffers;
using System.Globalization;
using System.Text;
using P2P.Pastry;
using P2P.Pastry.Wire;
using static Pastry.Tests.Wire.Samples;

namespace Pastry.Tests.Wire;

public class MessageFormatTests
{
    private static readonly TraceContext Trace = new(UInt128.Parse("4bf92f3577b34da6a3ce929d0e0e4736", NumberStyles.HexNumber, null), 0x00f067aa0ba902b7, Flags: 1);

    [Fact]
    public void Bytes_of_every_kind_are_as_approved()
    {
        var text = new StringBuilder();
        foreach (var message in OneOfEachKind.OrderBy(message => message.Kind))
        {
            text.Append(message.Kind).Append('\n').Append(Bytes.Dump(Bytes.Of(message))).Append('\n');
        }

        text.Append("Routed with its origin\n").Append(Bytes.Dump(Bytes.Of(OneOfEachKind[0] with { Extension = HeaderExtension.OfOrigin(Alice) })));
        text.Append("Routed with a trace\n").Append(Bytes.Dump(Bytes.Of(OneOfEachKind[0] with { Extension = HeaderExtension.OfTrace(Trace, origin: null) })));
        text.Append("Routed to be confirmed\n").Append(Bytes.Dump(Bytes.Of(OneOfEachKind[0] with { Extension = HeaderExtension.OfNumber(0x0123456789abcdef, Alice, trace: null) })));
        text.Append("Routed with its origin and a trace\n").Append(Bytes.Dump(Bytes.Of(OneOfEachKind[0] with { Extension = HeaderExtension.OfTrace(Trace, Alice) })));

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
            var header = message.Kind switch { MessageKind.Routed or MessageKind.PromptlyRouted => 28, MessageKind.Direct => 12, _ => bytes.Length };
            for (var length = 0; length < header; length++)
            {
                Assert.False(MessageFormat.TryRead(bytes.AsMemory(0, length), out _), $"{message.Kind} cut to {length} bytes");
            }
        }
    }

    [Theory]
    [InlineData("host\n2026 all is well")]
    [InlineData("two hosts")]
    [InlineData("h\u00f6st")]
    public void Hosts_that_nobody_could_write_as_an_address_are_refused(string host)
    {
        var node = new NodeHandle(Bob.Id, 1, [new NodeAddress(host, 1)]);
        Assert.False(MessageFormat.TryRead(Bytes.Of(Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([node], []))), out _));
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
}
