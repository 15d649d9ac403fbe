using P2P.Pastry;
using QuickStart.Report;

namespace QuickStart.Ring;

/// <summary>Starts the nodes, and looks how far messages travel among them.</summary>
internal static class RingChapter
{
    private const int ProbeCount = 500;

    public static async Task<RingFigures> RunAsync(LocalRing ring, int nodeCount, Screen screen, CancellationToken cancellationToken)
    {
        screen.Chapter("The ring (Pastry)", "Nodes have places on a ring of ids. A message for any key reaches the live node next to it, over nodes ever nearer.");
        await screen.RunAsync($"Started {nodeCount} nodes over TCP and TLS", nodeCount, async report =>
        {
            for (var i = 0; i < nodeCount; i++)
            {
                await ring.AddAsync(cancellationToken);
                report(1);
            }
        });
        var figures = new RingFigures(nodeCount, 0, 0);
        var time = await screen.RunAsync($"Routed {ProbeCount} messages to random keys", ProbeCount, async report => figures = await ProbeAsync(ring, nodeCount, report, cancellationToken));
        screen.Result($"They took {figures.MeanHops:f2} hops on average and {figures.HopsMax} at most; {ProbeCount / time.TotalSeconds:N0} messages/s.");
        return figures;
    }

    /// <summary>Routes messages to random keys from each node in turn, and counts the hops that they make.</summary>
    private static async Task<RingFigures> ProbeAsync(LocalRing ring, int nodeCount, Action<double> report, CancellationToken cancellationToken)
    {
        var live = ring.Live;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long arrived = 0;
        long hops = 0;
        var hopsMax = 0;
        var readers = live.Select(async member =>
        {
            await foreach (var delivery in member.Probe.DeliveriesAsync(done.Token))
            {
                Interlocked.Add(ref hops, delivery.Hops);
                lock (live)
                {
                    hopsMax = Math.Max(hopsMax, delivery.Hops);
                    report(1);
                }

                if (Interlocked.Increment(ref arrived) == ProbeCount)
                {
                    await done.CancelAsync();
                }
            }
        }).ToArray();
        for (var i = 0; i < ProbeCount; i++)
        {
            await live[i % live.Count].Probe.RouteAsync(NodeId.FromText($"probe {i}"), ReadOnlyMemory<byte>.Empty, cancellationToken: cancellationToken);
        }

        try
        {
            await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // All have arrived.
        }

        return new RingFigures(nodeCount, (double)hops / ProbeCount, hopsMax);
    }
}

/// <summary>Holds what the chapter has seen.</summary>
internal sealed record RingFigures(int Nodes, double MeanHops, int HopsMax);
