using System.Buffers.Binary;
using System.Diagnostics;
using P2P.Pastry;

namespace Benchmarks.Overload;

/// <summary>Routes messages to random keys when it is told to, and counts those that arrive, each once.</summary>
internal sealed class LoadApplication(LoadMeter meter) : PastryApplication(PastryApplicationId.FromName("benchmarks/overload"))
{
    private const int Length = 64;

    private readonly byte[] _message = new byte[Length];

    // Message: number (8), sent at (8), and filling up to 64 bytes.
    protected internal override void Handle(object input, IOverlay overlay)
    {
        foreach (var number in (Range)input)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_message, number);
            BinaryPrimitives.WriteInt64LittleEndian(_message.AsSpan(8), Stopwatch.GetTimestamp());
            overlay.Route(new NodeId(new UInt128(overlay.NextRandom(), overlay.NextRandom())), Payload.FromBytes(_message));
        }
    }

    protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
        var content = message.Payload.Span;
        meter.Arrived(BinaryPrimitives.ReadInt64LittleEndian(content), BinaryPrimitives.ReadInt64LittleEndian(content[8..]));
    }

    /// <summary>Tells to send the messages with these numbers.</summary>
    internal sealed class Range(long from, int count)
    {
        public Enumerator GetEnumerator() => new(from, count);

        internal struct Enumerator(long from, int count)
        {
            private int _index = -1;

            public readonly long Current => from + _index;

            public bool MoveNext() => ++_index < count;
        }
    }
}
