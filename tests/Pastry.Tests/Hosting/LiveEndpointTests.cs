using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

public sealed class LiveEndpointTests : EndpointContract
{
    protected override async Task RunAsync(Func<IRing, Task> program)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var ring = new Ring(limit.Token);
        await program(ring).WaitAsync(limit.Token);
    }

    private sealed class Ring(CancellationToken limit) : IRing, IAsyncDisposable
    {
        private readonly InMemoryNetwork _network = new();
        private readonly List<PastryNode> _nodes = [];

        public async Task<NodeHandle> StartAsync(params PastryEndpoint[] endpoints)
        {
            var options = new PastryNodeOptions { Transport = _network.CreateTransport };
            Array.ForEach(endpoints, options.Modules.Add);
            _nodes.ForEach(node => options.Bootstraps.Add(node.Handle.Address));
            _nodes.Add(await PastryNode.StartAsync(options, limit));
            await _nodes[^1].WhenReadyAsync(limit);
            return _nodes[^1].Handle;
        }

        public Task StopAsync(NodeHandle node) => _nodes.Single(one => one.Handle.Equals(node)).KillAsync().AsTask();

        public async ValueTask DisposeAsync()
        {
            foreach (var node in _nodes)
            {
                await node.DisposeAsync();
            }
        }
    }
}
