using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Architecture.Tests.Snippets.Cookbook;

public sealed class LossyTransportTests
{
    /// <summary>Asks again soon where something was lost, so that the test does not wait as long as nodes far apart would.</summary>
    private static readonly PastryOptions Quick = new()
    {
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        LeaseDuration = TimeSpan.FromSeconds(4),
        ProbeTimeout = TimeSpan.FromSeconds(0.5),
        ConfirmationTimeout = TimeSpan.FromSeconds(1),
        ConfirmationAttemptsMax = 6,
        JoinTimeout = TimeSpan.FromSeconds(2),
    };

    [Fact]
    public async Task A_ring_confirms_messages_over_links_that_lose_every_tenth()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var network = new InMemoryNetwork();
        var links = new List<LossyTransport>();
        var endpoints = new List<PastryEndpoint>();
        var nodes = new List<PastryNode>();
        try
        {
            for (var number = 0; number < 6; number++)
            {
                var endpoint = new PastryEndpoint("example.org/readings");
                var link = new LossyTransport(network.CreateTransport(), loss: 0.1, new SeededRandom(number));
                var options = new PastryNodeOptions { Transport = () => link, Modules = { endpoint }, Protocol = Quick };
                nodes.ForEach(node => options.Bootstraps.Add(node.Handle.Address));
                links.Add(link);
                nodes.Add(await PastryNode.StartAsync(options, limit.Token));
                await nodes[^1].WhenReadyAsync(limit.Token);
                endpoints.Add(endpoint);
            }

            using var reading = new CancellationTokenSource();
            var readers = endpoints.Select(endpoint => ReadAsync(endpoint, reading.Token)).ToList();
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(number =>
                endpoints[number % endpoints.Count].RouteConfirmedAsync(NodeId.FromText($"reading {number}"), new byte[3], cancellationToken: limit.Token).AsTask()));
            Assert.All(outcomes, outcome => Assert.IsType<RouteOutcome.Taken>(outcome));
            Assert.True(links.Sum(link => link.Lost) > 0);
            await reading.CancelAsync();
            await Task.WhenAll(readers);
        }
        finally
        {
            foreach (var node in nodes)
            {
                await node.DisposeAsync();
            }
        }
    }

    /// <summary>May be asked by many at a time, and loses the same share in each run.</summary>
    private sealed class SeededRandom(int seed) : Random(seed)
    {
        private readonly Lock _gate = new();

        public override double NextDouble()
        {
            lock (_gate)
            {
                return base.NextDouble();
            }
        }
    }

    private static async Task ReadAsync(PastryEndpoint endpoint, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var delivery in endpoint.DeliveriesAsync(cancellationToken))
            {
                Assert.Equal(3, delivery.Payload.Length);
            }
        }
        catch (OperationCanceledException)
        {
            // All have been read that were awaited.
        }
    }
}
