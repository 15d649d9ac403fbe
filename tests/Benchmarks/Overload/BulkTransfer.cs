using System.Diagnostics;
using System.Net;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Benchmarks.Overload;

/// <summary>Sends a large file between the two hosts of a ring over a slow link, which their heartbeats share.</summary>
internal static class BulkTransfer
{
    private const double BitsPerSecond = 10e6;

    public static async Task<BulkFigures> RunAsync(long bytes, PastryOptions protocol)
    {
        using var link = new SlowLink(BitsPerSecond);
        using var watching = new CancellationTokenSource();
        PastryEndpoint[] ends = [new("benchmarks/bulk"), new("benchmarks/bulk")];
        var nodes = new List<PastryNode>();
        for (var end = 0; end < ends.Length; end++)
        {
            var port = FreePort();
            var transport = new TcpTransportOptions
            {
                Listen = [new NodeAddress("127.0.0.1", port)],
                AdvertisedAddresses = [link.Listen(end, () => new IPEndPoint(IPAddress.Loopback, port))],
            };
            var options = new PastryNodeOptions { Modules = { ends[end] }, Protocol = protocol, Transport = () => new TcpTransport(transport) };
            nodes.ForEach(node => options.Bootstraps.Add(node.Handle.Address));
            nodes.Add(await PastryNode.StartAsync(options));
            await nodes[^1].WhenReadyAsync();
        }

        try
        {
            var dead = nodes.Select(node => CountDeadAsync(node, watching.Token)).ToArray();
            var start = Stopwatch.GetTimestamp();
            var receiving = ReceiveAsync(ends[1]);
            await using (var stream = await ends[0].OpenStreamAsync(ends[1].Self))
            {
                await SendAsync(stream, bytes);
                await receiving;
            }

            var elapsed = Stopwatch.GetElapsedTime(start);
            await watching.CancelAsync();
            var suspicions = 0L;
            foreach (var node in nodes)
            {
                suspicions += await node.QueryAsync((machine, _) => machine.Counters.Suspected, CancellationToken.None);
            }

            return new BulkFigures(await receiving, elapsed, suspicions, (await Task.WhenAll(dead)).Sum());
        }
        finally
        {
            nodes.ForEach(node => node.KillAsync().AsTask().Wait());
        }
    }

    private static async Task SendAsync(TransportStream stream, long bytes)
    {
        for (var left = bytes; left > 0;)
        {
            var room = stream.Output.GetSpan(64 * 1024);
            var count = (int)Math.Min(left, room.Length);
            Random.Shared.NextBytes(room[..count]);
            stream.Output.Advance(count);
            left -= count;
            await stream.Output.FlushAsync();
        }

        await stream.Output.CompleteAsync();
    }

    private static async Task<long> ReceiveAsync(PastryEndpoint endpoint)
    {
        await foreach (var stream in endpoint.StreamsAsync())
        {
            await using (stream)
            {
                for (var received = 0L; ;)
                {
                    var result = await stream.Input.ReadAsync();
                    received += result.Buffer.Length;
                    stream.Input.AdvanceTo(result.Buffer.End);
                    if (result.IsCompleted)
                    {
                        return received;
                    }
                }
            }
        }

        throw new InvalidOperationException("The node stopped before a stream was opened to it.");
    }

    private static async Task<int> CountDeadAsync(PastryNode node, CancellationToken cancellationToken)
    {
        var dead = 0;
        try
        {
            await foreach (var change in node.NeighborChangesAsync(cancellationToken))
            {
                dead += change.Change == NeighborChange.Failed ? 1 : 0;
            }
        }
        catch (OperationCanceledException)
        {
            // The transfer is over.
        }

        return dead;
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>Tells what came of a transfer.</summary>
internal sealed record BulkFigures(long Received, TimeSpan Elapsed, long Suspicions, int Dead)
{
    public double MbitPerSecond => Received * 8 / Elapsed.TotalSeconds / 1e6;
}
