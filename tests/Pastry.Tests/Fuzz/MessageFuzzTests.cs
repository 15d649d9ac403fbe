using System.Buffers;
using P2P.Pastry;
using P2P.Pastry.Wire;
using Pastry.Tests.Wire;
using Xunit.Abstractions;

namespace Pastry.Tests.Fuzz;

/// <summary>Mutated messages are other messages or none.</summary>
public sealed class MessageFuzzTests(ITestOutputHelper output)
{
    private readonly Fuzzer _fuzzer = new(output);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Messages_are_read_or_refused_and_nothing_else(int seed) =>
        _fuzzer.RunAsync(seed, rounds: 60_000, [.. Samples.OneOfEachKind.Concat(Samples.Others).Select(message => Bytes.Of(message))], Rewrite);

    [Fact]
    public Task Handles_are_read_or_refused_and_nothing_else() =>
        _fuzzer.RunAsync(seed: 3, rounds: 30_000, [Of(Samples.Alice), Of(Samples.Bob)], bytes =>
        {
            var source = new ReadOnlySequence<byte>(bytes);
            if (!NodeHandle.TryRead(ref source, out var handle))
            {
                Assert.Equal(bytes.Length, source.Length);
                return null;
            }

            Assert.InRange(Of(handle).Length, 1, handle.EncodedLengthMax);
            return Of(handle);
        });

    [Fact]
    public Task Statements_are_read_or_refused_and_nothing_else()
    {
        using var key = SigningKey.Create();
        return _fuzzer.RunAsync(seed: 4, rounds: 30_000, [Of(SignedStatement.Sign(key, "test", "body"u8)), Of(SignedStatement.Sign(key, "test", new byte[1000]))], bytes =>
        {
            var source = new ReadOnlySequence<byte>(bytes);
            return SignedStatement.TryRead(ref source, out var statement) ? Of(statement) : null;
        });
    }

    private static byte[]? Rewrite(byte[] bytes)
    {
        if (!MessageFormat.TryRead(bytes, out var message))
        {
            return null;
        }

        // Whatever it is called, it is asked for by whoever gets the message.
        _ = message.Extension?.Origin;
        var written = Bytes.Of(message);
        Assert.Equal(bytes.AsSpan(0, 3), written.AsSpan(0, 3));
        Assert.Equal(bytes.AsSpan(4, 4), written.AsSpan(4, 4));
        if (message.IsRouted)
        {
            // Who passes a message on leaves the rest of its header as it is.
            Assert.Equal(bytes.AsSpan(0, 4 * bytes[3]), written.AsSpan(0, 4 * written[3]));
        }

        if (message.IsOfApplication)
        {
            Assert.Equal(bytes.AsSpan(4 * bytes[3]), written.AsSpan(4 * written[3]));
        }

        return written;
    }

    private static byte[] Of(NodeHandle handle)
    {
        var writer = new ArrayBufferWriter<byte>();
        handle.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    private static byte[] Of(SignedStatement statement)
    {
        var writer = new ArrayBufferWriter<byte>();
        statement.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }
}
