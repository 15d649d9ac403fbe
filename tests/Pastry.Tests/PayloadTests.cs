using System.Buffers;
using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests;

public sealed class PayloadTests
{
    [Fact]
    public void Object_is_not_taken_for_no_bytes()
    {
        var payload = Payload.FromContent(new Text(5));
        Assert.Contains("Text", Assert.Throws<InvalidOperationException>(() => payload.Memory).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => payload.Span.Length);
        Assert.False(payload.TryGetBytes(out _));
        Assert.Equal(new byte[5], payload.ToArray());
    }

    [Fact]
    public void Bytes_are_given_as_bytes()
    {
        var payload = Payload.FromBytes(new byte[] { 1, 2, 3 }.AsMemory(1));
        Assert.True(payload.TryGetBytes(out var bytes));
        Assert.Equal([2, 3], bytes.ToArray());
        Assert.Equal([2, 3], payload.ToArray());
        Assert.True(Payload.Empty.TryGetBytes(out bytes));
        Assert.Equal(0, bytes.Length + Payload.Empty.Span.Length);
    }

    [Fact]
    public void Payload_that_is_too_long_is_refused_where_it_is_said()
    {
        var output = new Outbox();
        var application = new Speaker();
        var machine = new PastryMachine(Nodes.At(7), new PastryOptions(), seed: 1, [application]);
        machine.StartRing(new Instant(1), output);

        machine.Handle(application, Payload.FromBytes(new byte[Payload.LengthMax]), new Instant(2), output);
        Assert.Empty(application.Refused);
        machine.Handle(application, Payload.FromBytes(new byte[Payload.LengthMax + 1]), new Instant(3), output);
        machine.Handle(application, Payload.FromContent(new Text(Payload.LengthMax + 1)), new Instant(4), output);

        Assert.Equal(6, application.Refused.Count);
        Assert.All(application.Refused, refused => Assert.IsType<ArgumentException>(refused));
    }

    [Fact]
    public void Objects_count_for_what_they_say_against_the_budget_of_what_waits()
    {
        var held = new HeldMessages(new PastryOptions { HeldBytesMax = 4 * Payload.LengthMax }, new PayloadPool());
        var message = new P2P.Pastry.Wire.Message { Payload = Payload.FromContent(new Unsaid()) };
        Assert.Equal(0, Enumerable.Range(0, 4).Sum(_ => held.Add(message, null, Instant.Zero)));
        Assert.Equal(1, held.Add(message, null, Instant.Zero));
        Assert.Equal(1, held.Add(message with { Payload = Payload.FromContent(new Text(10)) }, null, Instant.Zero));
        Assert.Equal(0, held.Add(message with { Payload = Payload.FromContent(new Text(10)) }, null, Instant.Zero));
    }

    [Fact]
    public void Handles_and_statements_are_read_from_the_bytes_that_they_write()
    {
        using var key = SigningKey.Create();
        var (handle, statement) = (Nodes.At(7), SignedStatement.Sign(key, "test", "body"u8));
        var writer = new ArrayBufferWriter<byte>();
        handle.WriteTo(writer);
        statement.WriteTo(writer);
        writer.Write("rest"u8);

        var source = new ReadOnlySequence<byte>(writer.WrittenMemory);
        Assert.False(SignedStatement.TryRead(ref source, out _));
        Assert.Equal(writer.WrittenCount, source.Length);
        Assert.True(NodeHandle.TryRead(ref source, out var readHandle));
        Assert.False(NodeHandle.TryRead(ref source, out _));
        Assert.True(SignedStatement.TryRead(ref source, out var readStatement));
        Assert.Equal("rest"u8.ToArray(), source.ToArray());
        Assert.Equal(handle, readHandle);
        Assert.True(readStatement.Verify("test"));
    }

    private class Unsaid : PayloadContent
    {
        public override void WriteTo(IBufferWriter<byte> writer) => writer.Write(new byte[1]);
    }

    private sealed class Text(int length) : Unsaid
    {
        public override int EncodedLengthMax => length;

        public override void WriteTo(IBufferWriter<byte> writer) => writer.Write(new byte[length]);
    }

    /// <summary>Says what it is given in each way that there is.</summary>
    private sealed class Speaker() : PastryApplication(PastryApplicationId.FromName("tests/speaker"))
    {
        public List<Exception> Refused { get; } = [];

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }

        protected internal override void Handle(object input, IOverlay overlay)
        {
            var payload = (Payload)input;
            Try(() => overlay.Route(new NodeId(1), payload));
            Try(() => overlay.Send(Nodes.At(9), payload));
            Try(() => _ = new ForwardedMessage { Payload = payload });
        }

        private void Try(Action act)
        {
            try
            {
                act();
            }
            catch (ArgumentException exception)
            {
                Refused.Add(exception);
            }
        }
    }
}
