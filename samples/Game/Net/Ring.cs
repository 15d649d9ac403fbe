using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe;

namespace Game.Net;

/// <summary>Is this process's part of the ring: one listener, and a node for each of its players.</summary>
internal sealed class Ring : IAsyncDisposable
{
    /// <summary>How long to wait for an answer of whom one joins.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A game goes on within seconds after a crash, which is what short leases are for; all nodes of the ring have the same.</summary>
    internal static readonly PastryOptions Protocol = new()
    {
        LeafSetSize = 16,
        NeighborhoodSize = 16,
        HeartbeatInterval = TimeSpan.FromSeconds(1.5),
        LeaseDuration = TimeSpan.FromSeconds(4),
        ProbeTimeout = TimeSpan.FromSeconds(0.8),
        LeafSetExchangeInterval = TimeSpan.FromSeconds(15),
    };

    private readonly PastryHost _host;
    private readonly NodeAddress? _join;
    private readonly List<PastryNode> _nodes = [];

    private Ring(PastryHost host, NodeAddress? join) => (_host, _join) = (host, join);

    /// <summary>Where others join.</summary>
    public NodeAddress Address => _nodes[0].Handle.Address;

    /// <summary>Binds the listener, and starts nothing yet.</summary>
    /// <param name="listen">Where to listen.</param>
    /// <param name="join">Somebody of the ring to join; null for a new one.</param>
    /// <exception cref="PastryException">The address can't be bound.</exception>
    public static async Task<Ring> OpenAsync(NodeAddress listen, NodeAddress? join) =>
        new(await PastryHost.StartAsync(new TcpTransport(new() { Listen = [listen], RingName = "game" })), join);

    /// <summary>Starts one more node.</summary>
    /// <exception cref="PastryException">Nobody of the ring has answered.</exception>
    public async Task<ScribeNode> AddAsync(CancellationToken cancellationToken)
    {
        // snippet: game-node
        var scribe = new ScribeNode();
        var options = new PastryNodeOptions { Host = _host, Protocol = Protocol, Modules = { scribe } };
        if (_nodes is [var first, ..])
        {
            options.Bootstraps.Add(first.Handle.Address);
        }
        else if (_join is { } join)
        {
            options.Bootstraps.Add(join);
        }

        var node = await PastryNode.StartAsync(options, cancellationToken);
        await node.WhenReadyAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken);
        // end of snippet
        _nodes.Add(node);
        return scribe;
    }

    /// <summary>Stops all nodes, each with a farewell.</summary>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
