using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Security.Cryptography;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Benchmarks.Hostile;

/// <summary>Is a ring of hosts that route numbered messages to random keys at a steady rate, and know which of them arrived.</summary>
internal sealed class WatchedRing : IAsyncDisposable
{
    private const string Application = "benchmarks/hostile";

    private readonly List<PastryNode> _nodes = [];
    private readonly List<PastryEndpoint> _endpoints = [];
    private readonly ConcurrentDictionary<long, long> _underway = new();
    private readonly ConcurrentQueue<double> _latencies = new();
    private readonly CancellationTokenSource _stopping = new();
    private long _sent;
    private int _dead;

    public NodeAddress First => _nodes[0].Handle.Address;

    /// <summary>How many messages were sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>How many of them have not arrived.</summary>
    public int Missing => _underway.Count;

    /// <summary>How many members were declared dead by a neighbour.</summary>
    public int DeclaredDead => Volatile.Read(ref _dead);

    public static async Task<WatchedRing> StartAsync(int count, Action<TcpTransportOptions> changeFirst)
    {
        var ring = new WatchedRing();
        for (var index = 0; index < count; index++)
        {
            var transport = new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] };
            if (index == 0)
            {
                changeFirst(transport);
            }

            await ring.AddAsync(transport);
        }

        return ring;
    }

    /// <summary>Sends from each member but the first until a task has completed, at this rate in all.</summary>
    public async Task SendAsync(int perSecond, Task until, Action sample)
    {
        var payload = new byte[64];
        var start = Stopwatch.GetTimestamp();
        for (var sent = 0; !until.IsCompleted;)
        {
            for (var due = Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond; sent < due; sent++)
            {
                var number = Interlocked.Increment(ref _sent);
                _underway[number] = Stopwatch.GetTimestamp();
                BinaryPrimitives.WriteInt64LittleEndian(payload, number);
                await _endpoints[1 + sent % (_endpoints.Count - 1)].RouteAsync(NodeId.FromBytes(RandomNumberGenerator.GetBytes(NodeId.ByteLength)), payload);
            }

            sample();
            await Task.Delay(10);
        }
    }

    /// <summary>Waits until all has arrived, or for so long.</summary>
    public async Task SettleAsync(TimeSpan atMost)
    {
        for (var start = Stopwatch.GetTimestamp(); !_underway.IsEmpty && Stopwatch.GetElapsedTime(start) < atMost;)
        {
            await Task.Delay(20);
        }
    }

    /// <summary>Gives the time, in milliseconds, within which this fraction of the messages arrived, of those since it was asked last.</summary>
    public double TakeLatency(double fraction)
    {
        List<double> latencies = [];
        while (_latencies.TryDequeue(out var latency))
        {
            latencies.Add(latency);
        }

        latencies.Sort();
        return latencies.Count == 0 ? double.NaN : latencies[(int)((latencies.Count - 1) * fraction)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var node in _nodes)
        {
            await node.KillAsync();
        }

        _stopping.Dispose();
    }

    private async Task AddAsync(TcpTransportOptions transport)
    {
        var endpoint = new PastryEndpoint(Application);
        var options = new PastryNodeOptions { Modules = { endpoint }, Transport = () => new TcpTransport(transport) };
        _nodes.ForEach(node => options.Bootstraps.Add(node.Handle.Address));
        var node = await PastryNode.StartAsync(options);
        _nodes.Add(node);
        _endpoints.Add(endpoint);
        await node.WhenReadyAsync();
        _ = Task.Run(() => TakeAsync(endpoint));
        _ = Task.Run(() => WatchAsync(node));
    }

    private async Task TakeAsync(PastryEndpoint endpoint)
    {
        await foreach (var delivery in endpoint.DeliveriesAsync())
        {
            if (_underway.TryRemove(BinaryPrimitives.ReadInt64LittleEndian(delivery.Payload.Span), out var sentAt))
            {
                _latencies.Enqueue(Stopwatch.GetElapsedTime(sentAt).TotalMilliseconds);
            }
        }
    }

    private async Task WatchAsync(PastryNode node)
    {
        try
        {
            await foreach (var change in node.NeighborChangesAsync(_stopping.Token))
            {
                if (change.Change == NeighborChange.Failed)
                {
                    Interlocked.Increment(ref _dead);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The ring is being closed.
        }
    }
}
