using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace P2P.Past.Simulation;

/// <summary>
/// Runs PAST on a simulated overlay, in virtual time and on the calling thread: what is written against <see cref="IPastStore"/> is tested
/// with thousands of nodes that crash when the test says so. The same seed and the same program give the same run.
/// </summary>
/// <remarks>
/// Nodes run the same code as live ones, with disks in memory that take no time. A program reads content from memory
/// (<see cref="ContentSource.FromBytes"/>), for files would be read by other threads.
/// </remarks>
public sealed class PastSimulation
{
    private readonly PastSimulationOptions _options;
    private readonly Dictionary<SimulatedNode, MemoryReplicaStore> _disks = [];

    /// <summary>Makes an empty world.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public PastSimulation(PastSimulationOptions? options = null)
    {
        _options = options ?? new();
        _options.Past.Validate();
        Overlay = new PastrySimulation(_options.Overlay);
    }

    /// <summary>The overlay: its nodes, its network, its time.</summary>
    public PastrySimulation Overlay { get; }

    /// <summary>Adds nodes and lets them join, and returns when all are ready.</summary>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(int count)
    {
        var first = Overlay.Nodes.Count;
        var disks = new List<MemoryReplicaStore>(count);
        var ready = Overlay.Grow(count, () =>
        {
            disks.Add(new MemoryReplicaStore(_options.CapacityBytes));
            return [NewStore(disks[^1])];
        });
        for (var i = 0; i < disks.Count; i++)
        {
            _disks.Add(Overlay.Nodes[first + i], disks[i]);
        }

        return ready;
    }

    /// <summary>Adds a node that is up, and alone until it starts a ring or joins one.</summary>
    /// <param name="key">The node's key, which gives its place on the ring; default one drawn by the seed.</param>
    /// <param name="capacityBytes">How many bytes of replicas its disk holds; default <see cref="PastSimulationOptions.CapacityBytes"/>.</param>
    public SimulatedNode AddNode(SigningKey? key = null, long? capacityBytes = null)
    {
        var disk = new MemoryReplicaStore(capacityBytes ?? _options.CapacityBytes);
        var node = Overlay.AddNode([NewStore(disk)], key);
        _disks.Add(node, disk);
        return node;
    }

    /// <summary>Gives the store of a node, in its present life.</summary>
    /// <exception cref="ArgumentException">The node is down, or it is not one of this world's stores.</exception>
    public IPastStore StoreOf(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return _disks.ContainsKey(node) && node.Modules is [PastStore store, ..]
            ? store
            : throw new ArgumentException($"Node {node.Handle} has no store here now: it is down, or was added without one.", nameof(node));
    }

    /// <summary>Gives the store of a node that is ready, drawn by the seed.</summary>
    /// <exception cref="InvalidOperationException">No node is ready.</exception>
    public IPastStore AnyStore()
    {
        var ready = Overlay.ReadyNodes.ToArray();
        return ready.Length > 0 ? StoreOf(ready[Overlay.NextRandom(ready.Length)]) : throw new InvalidOperationException("No node is ready: grow the ring first.");
    }

    /// <summary>Gives a node's disk, whether the node is up or not.</summary>
    public MemoryReplicaStore DiskOf(SimulatedNode node) => _disks[node];

    /// <summary>Lists the nodes that are up and hold a file.</summary>
    public IReadOnlyList<SimulatedNode> HoldersOf(FileId fileId) =>
        [.. Overlay.Nodes.Where(node => node.IsUp && _disks.TryGetValue(node, out var disk) && disk.Contains(fileId))];

    /// <summary>Starts another life of a node that has crashed or left; it joins through other nodes as a new one does.</summary>
    /// <param name="node">The node.</param>
    /// <param name="withDisk">False where its disk was lost, and it begins with an empty one.</param>
    public void Restart(SimulatedNode node, bool withDisk = true)
    {
        ArgumentNullException.ThrowIfNull(node);
        var disk = withDisk ? _disks[node] : new MemoryReplicaStore(_disks[node].Usage.CapacityBytes);
        node.Restart([NewStore(disk)]);
        _disks[node] = disk;
    }

    /// <inheritdoc cref="PastrySimulation.Run(Func{Task}, TimeSpan)"/>
    public void Run(Func<Task> program, TimeSpan limit) => Overlay.Run(program, limit);

    /// <inheritdoc cref="PastrySimulation.Run{T}(Func{Task{T}}, TimeSpan)"/>
    public T Run<T>(Func<Task<T>> program, TimeSpan limit) => Overlay.Run(program, limit);

    private PastStore NewStore(MemoryReplicaStore disk)
    {
        var lent = new SimulatedDisk(disk);
        return new PastStore(new PastStoreOptions
        {
            Replicas = _options.WrapDisk?.Invoke(lent) ?? lent,
            Protocol = _options.Past,
            Cache = _options.Cache,
            Copies = _options.NewCopies?.Invoke(),
        });
    }
}
