using System.Buffers.Binary;
using System.Diagnostics;
using P2P.Pastry;
using P2P.Pastry.Hosting;
using P2P.Pastry.Transport;

namespace Benchmarks.Route;

/// <summary>
/// Is a ring of Pastry nodes, each with its own listener. A message is routed to a random key; the node that it reaches sends a credit back
/// directly, and the sender routes the next.
/// </summary>
internal sealed class OverlayMesh : IMesh
{
    private static readonly PastryOptions Protocol = new() { BitsPerDigit = 2, LeafSetSize = 4 };

    private readonly List<(PastryNode Node, Load Load)> _nodes = [];
    private readonly Meter _meter = new();

    public static async Task<OverlayMesh> StartAsync(int count)
    {
        var mesh = new OverlayMesh();
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
        foreach (var (node, load) in _nodes)
        {
            await node.PostAsync(load.Application, new Window(window));
        }

        await Task.Delay(duration / 4);
        var measurement = await _meter.MeasureAsync(duration);
        foreach (var (node, load) in _nodes)
        {
            await node.PostAsync(load.Application, new Window(0));
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

        public void Attach(PastryNode node)
        {
        }

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

        private readonly byte[] _message = new byte[Length];
        private readonly byte[] _credit = new byte[Length];
        private int _window;
        private int _underway;

        protected override void Handle(object input, IOverlay overlay)
        {
            _window = ((Window)input).Size;
            while (_underway < _window)
            {
                _underway++;
                Send(overlay);
            }
        }

        protected override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            message.Payload.Span.CopyTo(_credit);
            _credit[12] = (byte)message.Hops;
            var sender = mesh._nodes[BinaryPrimitives.ReadInt32LittleEndian(_credit)].Node.Handle;
            overlay.Send(sender, Payload.FromBytes(_credit));
        }

        protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
        {
            mesh._meter.Complete(BinaryPrimitives.ReadInt64LittleEndian(payload.Span[4..]), payload.Span[12]);
            if (_underway > _window)
            {
                _underway--;
            }
            else
            {
                Send(overlay);
            }
        }

        private void Send(IOverlay overlay)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_message, index);
            BinaryPrimitives.WriteInt64LittleEndian(_message.AsSpan(4), Stopwatch.GetTimestamp());
            overlay.Route(new NodeId(new UInt128(overlay.NextRandom(), overlay.NextRandom())), Payload.FromBytes(_message));
        }
    }
}
