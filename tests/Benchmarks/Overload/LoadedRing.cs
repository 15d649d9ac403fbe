using System.Diagnostics;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Benchmarks.Overload;

/// <summary>
/// Is a ring of nodes, each with its own listener, that are offered messages at a rate, whether they can bear it or not. An offer that finds
/// its node with too many before it is turned away, as by an application that would rather shed than wait.
/// </summary>
internal sealed class LoadedRing : IAsyncDisposable
{
    private const int PostsMax = 64;

    private readonly List<(PastryNode Node, Module Module)> _nodes = [];
    private readonly LoadMeter _meter = new();

    public static async Task<LoadedRing> StartAsync(int count)
    {
        var ring = new LoadedRing();
        for (var index = 0; index < count; index++)
        {
            var module = new Module(ring._meter);
            var options = new PastryNodeOptions
            {
                Modules = { module },
                Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            };
            ring._nodes.ForEach(node => options.Bootstraps.Add(node.Node.Handle.Address));
            var node = await PastryNode.StartAsync(options);
            ring._nodes.Add((node, module));
            await node.WhenReadyAsync();
        }

        return ring;
    }

    /// <summary>Offers messages at this rate in all for a while.</summary>
    public async Task<LoadFigures> OfferAsync(double perSecond, TimeSpan duration)
    {
        // What is before the measurement fills the queues that a steady load fills.
        await Task.WhenAll(_nodes.Select(node => OfferAsync(node.Module, perSecond / _nodes.Count, duration / 4)));
        var before = await CountersAsync();
        _meter.Reset();
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(_nodes.Select(node => OfferAsync(node.Module, perSecond / _nodes.Count, duration)));
        var goodput = _meter.ArrivedCount / Stopwatch.GetElapsedTime(start).TotalSeconds;
        var after = await CountersAsync();
        return new LoadFigures(
            perSecond,
            goodput,
            _meter.Latency(0.5),
            _meter.Latency(0.99),
            _meter.TwiceCount,
            after.HopTimeouts - before.HopTimeouts,
            after.Suspicions - before.Suspicions,
            after.Dropped - before.Dropped,
            after.Dead - before.Dead);
    }

    /// <summary>Waits until nothing arrives any more.</summary>
    public async Task SettleAsync()
    {
        for (var before = -1L; before != _meter.ArrivedCount;)
        {
            before = _meter.ArrivedCount;
            await Task.Delay(1000);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, _) in _nodes)
        {
            await node.KillAsync();
        }
    }

    private async Task OfferAsync(Module module, double perSecond, TimeSpan duration)
    {
        var start = Stopwatch.GetTimestamp();
        for (var offered = 0L; Stopwatch.GetElapsedTime(start) < duration;)
        {
            var due = (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond);
            if (due > offered && module.Waiting < PostsMax)
            {
                var count = (int)(due - offered);
                _ = module.PostAsync(new LoadApplication.Range(_meter.Number(count), count));
            }

            offered = due;
            await Task.Delay(1);
        }
    }

    private async Task<(long HopTimeouts, long Suspicions, long Dropped, long Dead)> CountersAsync()
    {
        var sum = (HopTimeouts: 0L, Suspicions: 0L, Dropped: 0L, Dead: 0L);
        foreach (var (node, module) in _nodes)
        {
            var counters = await node.QueryAsync((machine, _) => machine.Counters, CancellationToken.None);
            sum.HopTimeouts += counters.HopTimeouts;
            sum.Suspicions += counters.Suspected;
            sum.Dropped += counters.DroppedUnderway + counters.DroppedWaiting + counters.DroppedLoops;
            sum.Dead += module.Dead;
        }

        return sum;
    }

    private sealed class Module(LoadMeter meter) : IPastryModule
    {
        private INodePort _port = null!;
        private int _waiting;
        private int _dead;

        public PastryApplication Application { get; } = new LoadApplication(meter);

        /// <summary>How many offers wait for a place in the node's inbox.</summary>
        public int Waiting => Volatile.Read(ref _waiting);

        public int Dead => Volatile.Read(ref _dead);

        public void Attach(INodePort port)
        {
            _port = port;
            port.Start(CountDeadAsync);
        }

        public async Task PostAsync(object input)
        {
            Interlocked.Increment(ref _waiting);
            await _port.PostAsync(input);
            Interlocked.Decrement(ref _waiting);
        }

        public void Perform(object effect)
        {
        }

        public void AcceptStream(TransportStream stream) => _ = stream.DisposeAsync().AsTask();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private async Task CountDeadAsync()
        {
            await foreach (var change in _port.NeighborChangesAsync(_port.Stopping))
            {
                if (change.Change == NeighborChange.Failed)
                {
                    Interlocked.Increment(ref _dead);
                }
            }
        }
    }
}

/// <summary>Holds what came of an offered load.</summary>
internal sealed record LoadFigures(
    double Offered, double Goodput, double P50, double P99, long Twice, long HopTimeouts, long Suspicions, long Dropped, long Dead);
