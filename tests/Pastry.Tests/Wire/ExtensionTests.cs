using System.Buffers;
using System.Text;
using MessagePack;
using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport.Tcp;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Wire;

/// <summary>What later releases may add, this one reads over, and what it passes on it leaves as it is.</summary>
public sealed class ExtensionTests
{
    private static readonly PastryApplicationId App = new(0xAABBCCDD);

    private static readonly NodeHandle Bob =
        new(NodeId.Parse("f0000000000000000000000000000002"), incarnation: 300, [new NodeAddress("bob.example", 4001), new NodeAddress("2001:db8::2", 443)], failureDomain: 7);

    private static readonly Message Hello = new()
    {
        Kind = MessageKind.Routed,
        Hops = 3,
        Sequence = 5,
        Application = App,
        Key = NodeId.Parse("000102030405060708090a0b0c0d0e0f"),
        Payload = Payload.FromBytes("hello"u8.ToArray()),
    };

    [Fact]
    public void Longer_headers_and_handles_are_read_over_as_approved()
    {
        var text = new StringBuilder();

        var header = Lengthened(Bytes.Of(Hello), known: 28, [0x92, 0xC0, 0xA5, .. "later"u8]);
        Show(text, "A routed message with a longer header", header);
        Assert.True(MessageFormat.TryRead(header, out var read));
        Assert.Equal((Hello.Key, App, 3, "hello"), (read.Key, read.Application, read.Hops, Encoding.UTF8.GetString(read.Payload.Span)));
        Assert.Null(read.Extension!.Origin);
        Assert.Equal(header, Bytes.Of(read));

        var direct = Lengthened(Bytes.Of(new Message { Kind = MessageKind.Direct, Application = App, Payload = Payload.FromBytes("hello"u8.ToArray()) }), known: 12, [1, 2, 3, 4]);
        Show(text, "A direct message with a longer header", direct);
        Assert.True(MessageFormat.TryRead(direct, out read));
        Assert.Equal("hello", Encoding.UTF8.GetString(read.Payload.Span));

        var lease = Lengthened(Bytes.Of(Message.Control(MessageKind.RowRequest, 0, new RowRequestBody(2))), known: 8, [1, 2, 3, 4]);
        Show(text, "A message of the protocol with a longer header", lease);
        Assert.True(MessageFormat.TryRead(lease, out read));
        Assert.Equal(2, ((RowRequestBody)read.Payload.Content!).Row);

        var handle = Pack(WriteLongerBob);
        Show(text, "A handle and its addresses with more fields", handle);
        var source = new ReadOnlySequence<byte>(handle);
        Assert.True(PackReading.TryRead(ref source, NodeHandleFormat.Read, out var bob));
        Assert.True(source.IsEmpty);
        Assert.Equal((Bob, Bob.FailureDomain), (bob, bob.FailureDomain));
        Assert.Equal(Bob.Addresses.AsEnumerable(), bob.Addresses);

        Approve.Text(text.ToString());
    }

    [Fact]
    public void Longer_hellos_and_their_entries_are_read_over()
    {
        using var key = SigningKey.Create();
        var statement = SignedStatement.Sign(key, "test", "body"u8);
        var hello = Pack((ref MessagePackWriter writer) =>
        {
            writer.WriteArrayHeader(7);
            writer.Write(0);
            writer.Write(1);
            writer.Write(3);
            writer.Write("default");
            writer.Write(77UL);
            writer.WriteArrayHeader(2);
            for (var index = 4; index < 6; index++)
            {
                writer.WriteArrayHeader(4);
                writer.Write(index);
                statement.Write(ref writer);
                writer.WriteNil();
                writer.Write("later");
            }

            writer.WriteMapHeader(0);
        });

        var read = P2P.Pastry.Transport.Tcp.Hello.Read(hello);

        Assert.Equal((Verdict.Accepted, new VersionRange(1, 3), "default", 77UL), (read.Verdict, read.Versions, read.Ring, read.Session));
        Assert.Equal([4, 5], read.Nodes.Select(node => (int)node.Index));
        Assert.All(read.Nodes, node => Assert.True(node.Statement.Verify("test")));
    }

    [Fact]
    public void Headers_that_are_shorter_or_longer_than_there_is_are_refused()
    {
        foreach (var words in (byte[])[0, 1, 6, 9, 255])
        {
            var bytes = Bytes.Of(Hello);
            bytes[3] = words;
            Assert.False(MessageFormat.TryRead(bytes, out _), $"{words} words");
        }
    }

    [Fact]
    public void Origin_is_claimed_with_all_of_its_addresses()
    {
        Assert.Equal(Bytes.Of(Hello).Length + 60, Bytes.Of(Hello with { Extension = HeaderExtension.OfOrigin(Bob) }).Length);

        var longest = new NodeHandle(Bob.Id, ulong.MaxValue, [.. Enumerable.Range(0, 8).Select(i => new NodeAddress(new string('a', 40), 65535 - i))], ulong.MaxValue);
        Assert.True(MessageFormat.TryRead(Bytes.Of(Hello with { Extension = HeaderExtension.OfOrigin(longest) }), out var read));
        Assert.Equal(longest, read.Extension!.Origin);
        Assert.Equal(longest.Addresses.AsEnumerable(), read.Extension.Origin!.Addresses);
    }

    [Fact]
    public void Origin_that_is_none_is_not_named()
    {
        foreach (var rubbish in (byte[][])[[0, 0, 0, 0], [0x91, 0xC0, 0, 0], [0x91, 0x94, 1, 2], [0x90, 0, 0, 0], [0xDD, 0xFF, 0xFF, 0xFF]])
        {
            Assert.True(MessageFormat.TryRead(Lengthened(Bytes.Of(Hello), known: 28, rubbish), out var read));
            Assert.Null(read.Extension!.Origin);
        }
    }

    [Fact]
    public void Trace_is_read_and_replaced_and_leaves_all_other_fields_as_they_are()
    {
        var (first, second) = (new TraceContext(1, 2, Flags: 1), new TraceContext(1, 3, Flags: 1));
        foreach (var origin in (NodeHandle?[])[null, Bob])
        {
            var extension = HeaderExtension.OfTrace(first, origin);
            byte[] longer = [.. extension.Bytes];
            longer[0]++;
            Assert.True(MessageFormat.TryRead(Lengthened(Bytes.Of(Hello), known: 28, [.. longer, 0xA3, .. "etc"u8]), out var read));
            Assert.Equal((first, origin), (read.Extension!.Trace, read.Extension.Origin));

            var next = read.Extension.WithTrace(second);

            Assert.Equal((second, origin), (next.Trace, next.Origin));
            Assert.Equal(read.Extension.Bytes.Length, next.Bytes.Length);
            Assert.Single(Enumerable.Range(0, next.Bytes.Length), i => next.Bytes[i] != read.Extension.Bytes[i]);
        }
    }

    [Fact]
    public void Trace_that_is_none_is_not_followed_and_travels_on_as_it_is()
    {
        byte[] valid = [.. HeaderExtension.OfTrace(new TraceContext(1, 2, Flags: 1), origin: null).Bytes];
        byte[][] rubbish =
        [
            [0x92, 0xC0, 0xC0, 0],
            [0x92, 0xC0, 0xC4, 25, 1, 2, 3, 4],
            [.. valid.AsSpan(0, 3), 24, .. valid.AsSpan(4)],
            [.. valid.AsSpan(0, 4), .. new byte[25], .. valid.AsSpan(29)],
            [0x92, 0xDD, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0],
        ];
        foreach (var bytes in rubbish)
        {
            var message = Lengthened(Bytes.Of(Hello), known: 28, bytes);
            Assert.True(MessageFormat.TryRead(message, out var read));
            Assert.Null(read.Extension!.Trace);
            Assert.Equal(message, Bytes.Of(read));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Unknown_routed_kinds_reach_the_node_of_their_key_unchanged(bool isLast)
    {
        var (self, neighbor, output) = (Nodes.At(7), Nodes.At(9), new Outbox());
        var machine = new PastryMachine(self, new PastryOptions(), seed: 1, []);
        machine.StartRing(new Instant(1), output);
        if (!isLast)
        {
            machine.Receive(neighbor, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])), new Instant(2), output);
        }

        output.Clear();
        var message = Lengthened(Bytes.Of(Hello with { Kind = (MessageKind)0x93, Key = neighbor.Id }), known: 28, [0x92, 0xC0, 0xA1, (byte)'x']);
        Assert.True(MessageFormat.TryRead(message, out var read));

        machine.Receive(neighbor, read, new Instant(3), output);

        var answers = output.Messages.ToArray();
        Assert.Equal(MessageKind.Acknowledgement, answers[0].Message.Kind);
        Assert.Equal(5u, answers[0].Message.Sequence);
        Assert.Equal(isLast ? 1 : 0, machine.Counters.UnknownMessages);
        if (isLast)
        {
            Assert.Single(answers);
            return;
        }

        var forwarded = Bytes.Of(answers[1].Message);
        Assert.Equal(neighbor, answers[1].To);
        Assert.Equal(4, forwarded[2]);
        Assert.Equal(message[8..], forwarded[8..]);
        Assert.Equal(message[3], forwarded[3]);
    }

    private static void Show(StringBuilder text, string title, byte[] bytes) => text.Append(title).Append('\n').Append(Bytes.Dump(bytes)).Append('\n');

    private static byte[] Lengthened(byte[] message, int known, ReadOnlySpan<byte> more)
    {
        Assert.Equal(0, more.Length % 4);
        message[3] += (byte)(more.Length / 4);
        return [.. message.AsSpan(0, known), .. more, .. message.AsSpan(known)];
    }

    private static void WriteLongerBob(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(5);
        NodeHandleFormat.WriteId(ref writer, Bob.Id);
        writer.Write(Bob.Incarnation);
        writer.Write(Bob.FailureDomain);
        writer.WriteArrayHeader(2);
        foreach (var address in Bob.Addresses)
        {
            writer.WriteArrayHeader(3);
            writer.Write(address.Host);
            writer.Write(address.Port);
            writer.Write("udp");
        }

        writer.WriteMapHeader(1);
        writer.Write("later");
        writer.Write(true);
    }

    private static byte[] Pack(Write write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private delegate void Write(ref MessagePackWriter writer);
}
