using System.Buffers.Binary;
using System.Diagnostics;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Benchmarks.Route;

/// <summary>
/// Is a ring of Pastry nodes, each with its own listener. A message is routed to a random key; the node that it reaches sends a credit back
/// directly, and the sender routes the next.
/// </summary>
internal sealed class OverlayMesh : IMesh
{
    private static readonly PastryOptions Protocol = new() { BitsPerDigit = 1, LeafSetSize = 2 };

    private readonly List<(PastryNode Node, Load Load)> _nodes = [];
    private readonly Meter _meter = new();
    private int _senders;

    /// <summary>Starts a ring.</summary>
    /// <param name="count">How many nodes; of two, each routes to the other one's own key.</param>
    /// <param name="senders">How many of them send, or 0 for all.</param>
    public static async Task<OverlayMesh> StartAsync(int count, int senders = 0)
    {
        var mesh = new OverlayMesh { _senders = senders > 0 ? senders : count };
        for (var index = 0; index < count; index++)
        {
            var load = new Load(mesh, index);
            var options = new PastryNodeOptions
            {
                Protocol = Protocol,
                Modules = { load },
                Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            };
            if (index > 0)
            {
                options.Bootstraps.Add(mesh._nodes[0].Node.Handle.Address);
            }

            var node = await PastryNode.StartAsync(options);
            mesh._nodes.Add((node, load));
            await node.WhenReadyAsync();
        }

        return mesh;
    }

    public async Task<Measurement> RunAsync(int window, TimeSpan duration)
    {
        foreach (var (_, load) in _nodes.Take(_senders))
        {
            await load.Port.PostAsync(new Window(window));
        }

        await Task.Delay(duration / 4);
        var measurement = await _meter.MeasureAsync(duration);
        foreach (var (_, load) in _nodes.Take(_senders))
        {
            await load.Port.PostAsync(new Window(0));
        }

        await Task.Delay(200);
        return measurement;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, _) in _nodes)
        {
            await node.KillAsync();
        }
    }

    private sealed record Window(int Size);

    private sealed class Load(OverlayMesh mesh, int index) : IPastryModule
    {
        public PastryApplication Application { get; } = new LoadApplication(mesh, index);

        public INodePort Port { get; private set; } = null!;

        public void Attach(INodePort port) => Port = port;

        public void Perform(object effect)
        {
        }

        public void AcceptStream(TransportStream stream)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class LoadApplication(OverlayMesh mesh, int index) : PastryApplication(PastryApplicationId.FromName("benchmarks/route"))
    {
        private const int Length = 64;
        private const int WindowMax = 128;
        private const int HopsOffset = 20;

        private readonly byte[] _message = new byte[Length];
        private readonly byte[] _credit = new byte[Length];
        private readonly uint[] _turns = new uint[WindowMax];
        private int _window;

        protected internal override void Handle(object input, IOverlay overlay)
        {
            _window = ((Window)input).Size;
            for (var slot = 0; slot < _window; slot++)
            {
                // What is still under way from an earlier window counts no more.
                _turns[slot]++;
                Send(slot, overlay);
            }
        }

        // Message: origin (4), sent at (8), slot of the window (4), turn of the slot (4), hops (1), and filling up to 64 bytes.
        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            message.Payload.Span.CopyTo(_credit);
            _credit[HopsOffset] = (byte)message.Hops;
            var sender = mesh._nodes[BinaryPrimitives.ReadInt32LittleEndian(_credit)].Node.Handle;
            overlay.Send(sender, Payload.FromBytes(_credit));
        }

        protected internal override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
        {
            var credit = payload.Span;
            var slot = BinaryPrimitives.ReadInt32LittleEndian(credit[12..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(credit[16..]) != _turns[slot])
            {
                // A message that was sent around a slow hop may arrive twice; it counts once.
                return;
            }

            mesh._meter.Complete(BinaryPrimitives.ReadInt64LittleEndian(credit[4..]), credit[HopsOffset]);
            _turns[slot]++;
            if (_window > 0)
            {
                Send(slot, overlay);
            }
        }

        private void Send(int slot, IOverlay overlay)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_message, index);
            BinaryPrimitives.WriteInt64LittleEndian(_message.AsSpan(4), Stopwatch.GetTimestamp());
            BinaryPrimitives.WriteInt32LittleEndian(_message.AsSpan(12), slot);
            BinaryPrimitives.WriteUInt32LittleEndian(_message.AsSpan(16), _turns[slot]);
            var key = mesh._nodes.Count == 2 ? mesh._nodes[1 - index].Node.Handle.Id : new NodeId(new UInt128(overlay.NextRandom(), overlay.NextRandom()));
            overlay.Route(key, Payload.FromBytes(_message));
        }
    }
}
