using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Consumer;

/// <summary>Is a ring of a few nodes with a module each, by default over TCP and TLS on loopback. It stops them when it is disposed of.</summary>
internal sealed class Ring<TModule> : IAsyncDisposable
    where TModule : IPastryModule
{
    private readonly List<PastryNode> _nodes = [];
    private readonly List<TModule> _modules = [];

    public IReadOnlyList<PastryNode> Nodes => _nodes;

    public IReadOnlyList<TModule> Modules => _modules;

    public static async Task<Ring<TModule>> StartAsync(int count, Func<TModule> newModule, CancellationToken cancellationToken, Func<ITransport>? newTransport = null)
    {
        var ring = new Ring<TModule>();
        try
        {
            while (ring._nodes.Count < count)
            {
                await ring.AddAsync(newModule(), newTransport ?? (() => new TcpTransport(new() { Listen = [new NodeAddress("127.0.0.1", 0)] })), cancellationToken);
            }

            return ring;
        }
        catch
        {
            await ring.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }

    private async Task AddAsync(TModule module, Func<ITransport> newTransport, CancellationToken cancellationToken)
    {
        var options = new PastryNodeOptions { Modules = { module }, Transport = newTransport };
        foreach (var node in _nodes)
        {
            options.Bootstraps.Add(node.Handle.Address);
        }

        var started = await PastryNode.StartAsync(options, cancellationToken);
        _nodes.Add(started);
        _modules.Add(module);
        await started.WhenReadyAsync(cancellationToken);
    }
}
