using P2P.Pastry;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>
/// Is an archive inside of a program: several nodes in this process that are a ring by themselves, without a listener and without configuration. Started again
/// with <see cref="EmbeddedRingOptions.Bootstraps"/>, the same nodes take what they hold into a ring elsewhere, as far as
/// their leaf sets reach there: into one of about sixteen nodes, all; into a larger one, files are to be inserted anew.
/// </summary>
/// <remarks>
/// All nodes share a failure domain: k replicas are made among them as long as they are alone, and no two of a file stay with them when there are others. Alone they
/// guard against a damaged replica, not against the loss of the disk.
/// </remarks>
/// <example>
/// <code>
/// await using var ring = await EmbeddedRing.StartAsync(new() { Directory = "data" });
/// var result = await ring.Store.InsertFileAsync("notes.txt", owner);
/// </code>
/// </example>
public sealed class EmbeddedRing : IAsyncDisposable
{
    /// <summary>How many nodes of its own a node is told of to join through.</summary>
    private const int KnownMax = 3;

    private const string NodePrefix = "node-";

    private readonly List<PastStore> _stores = [];
    private readonly List<PastryNode> _nodes = [];

    private EmbeddedRing()
    {
    }

    /// <summary>The archive, as the first node sees it; each of <see cref="Stores"/> sees the same files.</summary>
    public IPastStore Store => _stores[0];

    /// <summary>The archive's nodes, in the order of <see cref="Nodes"/>.</summary>
    public IReadOnlyList<PastStore> Stores => _stores;

    /// <summary>The overlay's nodes.</summary>
    public IReadOnlyList<PastryNode> Nodes => _nodes;

    /// <summary>Starts the nodes, and returns when all take part in the ring.</summary>
    /// <param name="options">How the ring is set up.</param>
    /// <param name="cancellationToken">Gives up, and stops what has been started: as where none of the bootstraps answers.</param>
    /// <exception cref="PastException">An option is outside of its range, or the directory can't be used, as while another process uses it.</exception>
    /// <exception cref="PastryException">A listener can't be bound, the nodes' identity can't be read, or the ring refuses them.</exception>
    public static async Task<EmbeddedRing> StartAsync(EmbeddedRingOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        cancellationToken.ThrowIfCancellationRequested();
        var ring = new EmbeddedRing();
        try
        {
            var network = options.IsAlone ? new InMemoryNetwork() : null;
            string? failureDomain = null;
            for (var index = 0; index < Math.Max(options.Nodes, CountKept(options.Directory)); index++)
            {
                var folder = Path.Combine(options.Directory, $"{NodePrefix}{index}");
                var store = await ring.AddStoreAsync(folder, options, cancellationToken).ConfigureAwait(false);
                var identity = PersistentIdentity.Load(folder);
                failureDomain ??= $"embedded ring {identity.Key.PublicKey.NodeId}";
                var transport = network is null ? NewTcp(index, failureDomain, options) : () => network.CreateTransport(failureDomain);
                await ring.AddNodeAsync(identity, store, transport, options, cancellationToken).ConfigureAwait(false);
            }

            return ring;
        }
        catch
        {
            await ring.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops all nodes, each with a farewell; their directories can be used again when it returns.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask())).ConfigureAwait(false);

        // One that has got no node yet.
        foreach (var store in _stores.Skip(_nodes.Count))
        {
            await store.Replicas.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Counts the nodes that a directory holds from earlier runs, to the last: folders between may have been lost, and are begun anew.</summary>
    private static int CountKept(string directory)
    {
        for (var index = EmbeddedRingOptions.NodesMax - 1; index >= 0; index--)
        {
            if (Directory.Exists(Path.Combine(directory, $"{NodePrefix}{index}")))
            {
                return index + 1;
            }
        }

        return 0;
    }

    private static Func<ITransport> NewTcp(int index, string failureDomain, EmbeddedRingOptions options)
    {
        var tcp = options.Tcp?.Invoke(index) ?? new TcpTransportOptions { LoggerFactory = options.LoggerFactory };
        tcp.FailureDomain ??= failureDomain;
        return () => new TcpTransport(tcp);
    }

    private async Task<PastStore> AddStoreAsync(string folder, EmbeddedRingOptions options, CancellationToken cancellationToken)
    {
        var replicas = await DiskReplicaStore.OpenAsync(
            new() { Directory = Path.Combine(folder, "replicas"), CapacityBytes = options.NodeCapacityBytes }, cancellationToken).ConfigureAwait(false);
        var store = new PastStore(new()
        {
            Replicas = replicas,
            Protocol = options.Past,
            LoggerFactory = options.LoggerFactory,

            // Among themselves, the nodes have everything at hand.
            Cache = options.IsAlone ? null : new CacheOptions(),
        });
        _stores.Add(store);
        return store;
    }

    private async Task AddNodeAsync(
        NodeIdentity identity, PastStore store, Func<ITransport> transport, EmbeddedRingOptions options, CancellationToken cancellationToken)
    {
        var setUp = new PastryNodeOptions
        {
            Identity = identity,
            Protocol = options.Pastry,
            Modules = { store },
            Transport = transport,
            LoggerFactory = options.LoggerFactory,
        };
        foreach (var address in options.Bootstraps.Concat(_nodes.Take(KnownMax).Select(node => node.Handle.Address)))
        {
            setUp.Bootstraps.Add(address);
        }

        var node = new PastryNode(setUp);
        _nodes.Add(node);
        await node.StartAsync(cancellationToken).ConfigureAwait(false);
        await node.WhenReadyAsync(cancellationToken).ConfigureAwait(false);
    }
}
