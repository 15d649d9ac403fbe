using System.Diagnostics.CodeAnalysis;
using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Framing;
using Xunit.Abstractions;

namespace Pastry.Tests.Fuzz;

/// <summary>
/// A stream of frames, valid or not, means the same however it is cut. What it means tells a reader of whole streams in ten lines.
/// </summary>
public sealed class FrameFuzzTests(ITestOutputHelper output)
{
    private const int Sources = 3;

    private static readonly LocalNode[] Locals = [.. Enumerable.Range(0, 4).Select(index => new LocalNode(index, Nodes.At((UInt128)(uint)index + 100)))];
    private static readonly NodeHandle[] Peers = [.. Enumerable.Range(0, Sources).Select(index => Nodes.At((UInt128)(uint)index + 200))];
    private static readonly int Rounds = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 200_000 : 1_000;

    [Fact]
    public async Task Frames_that_are_cut_anywhere_arrive_whole_and_in_order()
    {
        const int Seed = 21;
        output.WriteLine($"seed {Seed}");
        var random = new Random(Seed);
        for (var round = 0; round < Rounds; round++)
        {
            var stream = Stream(random);
            var (expected, isValid) = ReadWhole(stream);
            Assert.True(isValid);
            Assert.Equal(expected, await ReadCutAsync(stream, random));
        }
    }

    [Fact]
    public async Task Mutated_frames_are_frames_or_end_the_connection()
    {
        const int Seed = 22;
        var mutator = new Mutator(Seed);
        var ended = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var stream = mutator.Next([Stream(mutator.Random), Stream(mutator.Random)]);
            var (expected, isValid) = ReadWhole(stream);
            var taken = new Sink();
            var exception = await Record.ExceptionAsync(() => PassCutAsync(stream, mutator.Random, taken));
            Assert.True(isValid ? exception is null : exception is InvalidDataException, $"seed {Seed}, round {round}: {exception}");
            ended += isValid ? 0 : 1;

            // What came before the violation in the same read goes with it.
            Assert.All(expected, (seen, destination) => Assert.Equal(taken.Seen[destination], isValid ? seen : seen.Take(taken.Seen[destination].Count)));
        }

        output.WriteLine($"seed {Seed}: {ended} of {Rounds} streams broke the protocol");
        Assert.InRange(ended, Rounds / 10, Rounds);
    }

    [Fact]
    public async Task Lengths_that_no_frame_has_cost_no_room()
    {
        foreach (var length in (uint[])[0, 3, FrameFormat.MaxFrameLength - 3, int.MaxValue, uint.MaxValue])
        {
            using var receiver = new FrameReceiver(new Sink());
            BitConverter.TryWriteBytes(receiver.GetRoom().Span, length);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var refusal = await Record.ExceptionAsync(() => receiver.AdvanceAsync(4).AsTask());
            Assert.IsType<InvalidDataException>(refusal);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        }
    }

    /// <summary>Makes frames from hosts and nodes, some of them nobody's, and cuts off the last one now and then.</summary>
    private static byte[] Stream(Random random)
    {
        var stream = new List<byte>();
        for (var frames = random.Next(1, 30); frames > 0; frames--)
        {
            var message = new byte[random.Next(100) == 0 ? random.Next(MessageBatch.MessageLengthMax + 1) : random.Next(80)];
            random.NextBytes(message);
            var frame = new byte[FrameFormat.HeaderLength + message.Length];
            var source = random.Next(8) == 0 ? FrameFormat.Host : (ushort)random.Next(Sources + 1);
            FrameFormat.Write(frame, source, (ushort)random.Next(Locals.Length + 1), message);
            stream.AddRange(frame);
        }

        return [.. stream.Take(stream.Count - (random.Next(2) == 0 ? random.Next(20) : 0))];
    }

    /// <summary>Reads a stream as a whole, up to its end or to what breaks the protocol.</summary>
    private static (List<string>[] Seen, bool IsValid) ReadWhole(ReadOnlySpan<byte> stream)
    {
        var sink = new Sink();
        while (stream.Length >= FrameFormat.LengthBytes)
        {
            var length = BitConverter.ToUInt32(stream);
            if (length is < 4 or > 4 + MessageBatch.MessageLengthMax)
            {
                return (sink.Seen, false);
            }

            if (stream.Length < length + 4)
            {
                break;
            }

            sink.Take(BitConverter.ToUInt16(stream[4..]), BitConverter.ToUInt16(stream[6..]), stream[8..(int)(length + 4)]);
            stream = stream[(int)(length + 4)..];
        }

        return (sink.Seen, true);
    }

    private static async Task<List<string>[]> ReadCutAsync(byte[] stream, Random random)
    {
        var sink = new Sink();
        await PassCutAsync(stream, random, sink);
        return sink.Seen;
    }

    private static async Task PassCutAsync(ReadOnlyMemory<byte> stream, Random random, Sink sink)
    {
        using var receiver = new FrameReceiver(sink);
        var largest = 1 << random.Next(18);
        while (stream.Length > 0)
        {
            var room = receiver.GetRoom();
            Assert.InRange(room.Length, 1, 2 * FrameFormat.MaxFrameLength);
            var count = Math.Min(Math.Min(room.Length, stream.Length), random.Next(largest) + 1);
            stream[..count].CopyTo(room);
            stream = stream[count..];
            await receiver.AdvanceAsync(count);
        }
    }

    /// <summary>Notes what reaches each local node, and behind them what hosts say.</summary>
    private sealed class Sink : IFrameSink
    {
        public List<string>[] Seen { get; } = [.. Enumerable.Range(0, Locals.Length + 1).Select(_ => new List<string>())];

        public void Take(ushort source, ushort destination, ReadOnlySpan<byte> message)
        {
            if (source == FrameFormat.Host)
            {
                TakeControl(message);
            }
            else if (TryFind(source, destination, out var from, out var to))
            {
                Note(to.Index, from, message);
            }
        }

        public bool TryFind(ushort source, ushort destination, [NotNullWhen(true)] out NodeHandle? from, [NotNullWhen(true)] out LocalNode? to)
        {
            from = source < Peers.Length ? Peers[source] : null;
            to = destination < Locals.Length ? Locals[destination] : null;
            return from is not null && to is not null;
        }

        public void TakeControl(ReadOnlySpan<byte> message) => Seen[^1].Add(Convert.ToHexString(message));

        public ValueTask DeliverAsync(LocalNode to, MessageBatch batch)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                Note(to.Index, batch[i].From, batch[i].Bytes.Span);
            }

            batch.Return();
            return ValueTask.CompletedTask;
        }

        private void Note(int destination, NodeHandle from, ReadOnlySpan<byte> message) => Seen[destination].Add($"{from.Id} {Convert.ToHexString(message)}");
    }
}
