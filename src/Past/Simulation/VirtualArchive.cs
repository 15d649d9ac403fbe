using P2P.Past.Protocol;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace P2P.Past.Simulation;

/// <summary>
/// Runs PAST with files that have no bytes, in virtual time and on the calling thread: thousands of nodes and millions of replicas, to evaluate how
/// an archive places, finds, moves and loses files. The same seed and the same calls give the same run.
/// </summary>
/// <remarks>
/// <para>Overlay and protocol are those of live nodes: joins, routing, searches, receipts, maintenance and its bounds. What is left out is what the protocol
/// doesn't look at: nothing is hashed, signed or written, checks answer that all is right (but for <see cref="Mistrust"/>), and a replica is an
/// entry in a <see cref="VirtualDisk"/>. Where the bytes themselves matter, use <see cref="PastSimulation"/>.</para>
/// <para>Content takes its time: the way there, and its length over the lines of both ends (<see cref="VirtualArchiveOptions.UplinkBitsPerSecond"/>).
/// Messages take the way only.</para>
/// </remarks>
/// <example>
/// <code>
/// var archive = new VirtualArchive(new() { CapacityBytes = 27_000_000 });
/// archive.Grow(1000);
/// var result = archive.Run(() =&gt; archive.InsertAsync(archive.AnyNode(), archive.NewFile(length: 10_517, replicaCount: 5)), TimeSpan.FromMinutes(1));
/// Console.WriteLine($"{result}: {archive.Utilization:P1} of all disks is used");
/// </code>
/// </example>
public sealed class VirtualArchive
{
    private readonly VirtualArchiveOptions _options;
    private readonly List<VirtualDisk?> _disks = [];
    private readonly Dictionary<int, PublicKey> _owners = [];
    private readonly Dictionary<NodeId, int> _ownerNumbers = [];
    private readonly HashSet<NodeId> _mistrusted = [];
    private ulong _lastOperation;

    /// <summary>Makes an empty world.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public VirtualArchive(VirtualArchiveOptions? options = null)
    {
        _options = options ?? new();
        _options.Validate();
        Overlay = new PastrySimulation(_options.Overlay);
    }

    /// <summary>The overlay: its nodes, its network, its time. Nodes crash, leave and sleep by their own methods.</summary>
    public PastrySimulation Overlay { get; }

    /// <summary>What has happened so far.</summary>
    public VirtualArchiveCounters Counters { get; } = new();

    /// <summary>How much of the disks of all nodes that are up is used, from 0 to 1; 0 where there is no room at all.</summary>
    public double Utilization
    {
        get
        {
            var (used, capacity) = (0L, 0L);
            foreach (var node in Overlay.Nodes)
            {
                if (node.IsUp && _disks[node.Host] is { } disk)
                {
                    used += disk.Usage.UsedBytes;
                    capacity += disk.Usage.CapacityBytes;
                }
            }

            return capacity > 0 ? (double)used / capacity : 0;
        }
    }

    internal VirtualArchiveOptions Options => _options;

    /// <summary>Adds nodes with the options' capacity and lets them join, and returns when all are ready.</summary>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(int count) => Grow([.. Enumerable.Repeat(_options.CapacityBytes, count)]);

    /// <summary>Adds a node for each capacity and lets them join, and returns when all are ready.</summary>
    /// <param name="capacities">How many bytes of content the nodes' disks hold.</param>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(IReadOnlyList<long> capacities)
    {
        ArgumentNullException.ThrowIfNull(capacities);
        var next = 0;
        return Overlay.Grow(capacities.Count, () => [NewStore(new VirtualDisk(capacities[next++]))]);
    }

    /// <summary>Adds a node that is up, and alone until it starts a ring or joins one.</summary>
    /// <param name="capacityBytes">How many bytes of content its disk holds; default <see cref="VirtualArchiveOptions.CapacityBytes"/>.</param>
    /// <param name="key">The node's key, which gives its place on the ring; default one drawn by the seed.</param>
    public SimulatedNode AddNode(long? capacityBytes = null, SigningKey? key = null) =>
        Overlay.AddNode([NewStore(new VirtualDisk(capacityBytes ?? _options.CapacityBytes))], key);

    /// <summary>Starts another life of a node that has crashed or left; it joins through other nodes as a new one does.</summary>
    /// <param name="node">The node.</param>
    /// <param name="withDisk">False where its disk was lost, and it begins with an empty one.</param>
    public void Restart(SimulatedNode node, bool withDisk = true)
    {
        var disk = DiskOf(node);
        node.Restart([NewStore(withDisk ? disk : new VirtualDisk(disk.Usage.CapacityBytes))]);
    }

    /// <summary>Lets every check of what a node has signed or given fail from now on, as if it forged all of it.</summary>
    public void Mistrust(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _mistrusted.Add(node.Handle.Id);
    }

    /// <summary>Gives a node's disk, whether the node is up or not.</summary>
    /// <exception cref="ArgumentException">The node is none of this world's.</exception>
    public VirtualDisk DiskOf(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Host < _disks.Count && ReferenceEquals(Overlay.Nodes[node.Host], node) && _disks[node.Host] is { } disk
            ? disk
            : throw new ArgumentException($"Node {node.Handle} has no disk in this world.", nameof(node));
    }

    /// <summary>Tells what a node's cache holds and has done in this life; null where it has none, or is down.</summary>
    /// <exception cref="ArgumentException">The node is none of this world's.</exception>
    public CacheStatistics? CacheOf(SimulatedNode node)
    {
        _ = DiskOf(node);
        return node is { IsUp: true, Modules: [VirtualStore { Application: PastMachine machine }, ..] } ? machine.CacheCounters?.Read() : null;
    }

    /// <summary>
    /// Counts the searches of lookups that were answered by nodes that are up, and the hops that led to who has the file: 0 where the client had it itself, one more
    /// than the search made where it was answered by a node that only knows who has it. Searches that pass caches by, after a wrong answer or for a reclaim, are not counted.
    /// </summary>
    public (long Searches, long Hops) CountSearches()
    {
        var (searches, hops) = (0L, 0L);
        foreach (var node in Overlay.Nodes)
        {
            if (node is { IsUp: true, Modules: [VirtualStore { Application: PastMachine machine }, ..] })
            {
                searches += machine.Searches.Answered;
                hops += machine.Searches.Hops;
            }
        }

        return (searches, hops);
    }

    /// <summary>Tells how far a node is with the replicas that it gives to others that lack them, as of its last report; a node reports once a second.</summary>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public RepairProgress RepairsOf(SimulatedNode node) => StoreOf(node).Repairs;

    /// <summary>Lists the nodes that are up and hold a file. It asks every disk.</summary>
    public IReadOnlyList<SimulatedNode> HoldersOf(FileId fileId) =>
        [.. Overlay.Nodes.Where(node => node.IsUp && _disks[node.Host] is { } disk && disk.Contains(fileId))];

    /// <summary>Draws a node that is ready, by the seed.</summary>
    /// <exception cref="InvalidOperationException">No node is ready.</exception>
    public SimulatedNode AnyNode()
    {
        // Nearly all are, as a rule; where they are not, whoever is has to be looked for.
        for (var draw = 0; draw < 16 && Overlay.Nodes.Count > 0; draw++)
        {
            if (Overlay.Nodes[Overlay.NextRandom(Overlay.Nodes.Count)] is { IsReady: true } node)
            {
                return node;
            }
        }

        var ready = Overlay.ReadyNodes.ToArray();
        return ready.Length > 0 ? ready[Overlay.NextRandom(ready.Length)] : throw new InvalidOperationException("No node is ready: grow the ring first.");
    }

    /// <summary>Describes a new file, whose id is drawn by the seed; as one with a random salt.</summary>
    /// <param name="length">The length of its content in bytes.</param>
    /// <param name="replicaCount">How many replicas it should have.</param>
    public VirtualFile NewFile(long length, int replicaCount)
    {
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        Overlay.NextId().WriteBytes(id);
        BitConverter.TryWriteBytes(id[^sizeof(int)..], Overlay.NextRandom(int.MaxValue));
        return new VirtualFile(FileId.FromBytes(id), length, replicaCount);
    }

    /// <summary>Inserts a file from a node, in that node's name.</summary>
    /// <param name="node">A node that is up.</param>
    /// <param name="file">The file.</param>
    /// <param name="ended">
    /// Is told, in an event of its own, how it ended; certificates and receipts verify nowhere. Where the node stops before, that is
    /// <see cref="InsertResult.Indeterminate"/>.
    /// </param>
    /// <exception cref="ArgumentException">The node is down or none of this world's, or the file's length or number of replicas is outside of its range.</exception>
    public void Insert(SimulatedNode node, in VirtualFile file, Action<InsertResult> ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        ArgumentOutOfRangeException.ThrowIfNegative(file.Length, nameof(file));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(file.Length, ContentLayout.ContentLengthMax, nameof(file));
        ArgumentOutOfRangeException.ThrowIfLessThan(file.ReplicaCount, 1, nameof(file));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(file.ReplicaCount, FileCertificate.ReplicaCountMax, nameof(file));
        StoreOf(node).Insert(Certify(file, node.Host), ended);
    }

    /// <summary>
    /// Inserts a new file as <see cref="IPastStore"/> does: under one salt after the other, while nodes have no room for it
    /// (<see cref="PastOptions.SaltsMax"/>). What was stored under the salts before is taken back.
    /// </summary>
    /// <param name="node">A node that is up.</param>
    /// <param name="length">The length of its content in bytes.</param>
    /// <param name="replicaCount">How many replicas it should have.</param>
    /// <param name="ended">Is told, in an event of its own, how the last try ended, and how many there were.</param>
    /// <exception cref="ArgumentException">The node is down or none of this world's, or the length or number of replicas is outside of its range.</exception>
    public void Insert(SimulatedNode node, long length, int replicaCount, Action<InsertResult, int> ended)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(ended);
        InsertSalted(node, length, replicaCount, salts: 1, ended);
    }

    /// <inheritdoc cref="Insert(SimulatedNode, in VirtualFile, Action{InsertResult})"/>
    /// <remarks>For programs in <see cref="Run{T}"/>. A caller of a great many inserts uses less time and memory with the overload that calls back.</remarks>
    public Task<InsertResult> InsertAsync(SimulatedNode node, VirtualFile file)
    {
        var ended = new TaskCompletionSource<InsertResult>();
        Insert(node, file, ended.SetResult);
        return ended.Task;
    }

    /// <summary>Looks a file up from a node, and lets its content come there.</summary>
    /// <param name="node">A node that is up.</param>
    /// <param name="fileId">The file.</param>
    /// <param name="ended">Is told, in an event of its own, how it ended.</param>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public void Lookup(SimulatedNode node, FileId fileId, Action<VirtualLookup> ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        StoreOf(node).Lookup(fileId, ended);
    }

    /// <inheritdoc cref="Lookup(SimulatedNode, FileId, Action{VirtualLookup})"/>
    /// <remarks>For programs in <see cref="Run{T}"/>.</remarks>
    public Task<VirtualLookup> LookupAsync(SimulatedNode node, FileId fileId)
    {
        var ended = new TaskCompletionSource<VirtualLookup>();
        Lookup(node, fileId, ended.SetResult);
        return ended.Task;
    }

    /// <summary>Takes a file back, which the node has inserted.</summary>
    /// <param name="node">A node that is up.</param>
    /// <param name="file">The file.</param>
    /// <param name="ended">Is told, in an event of its own, how it ended.</param>
    /// <exception cref="ArgumentException">The node is down or none of this world's.</exception>
    public void Reclaim(SimulatedNode node, in VirtualFile file, Action<ReclaimResult> ended)
    {
        ArgumentNullException.ThrowIfNull(ended);
        var store = StoreOf(node);
        store.Reclaim(ReclaimCertificate.Unsigned(Certify(file, node.Host), Clock), ended);
    }

    /// <inheritdoc cref="Reclaim(SimulatedNode, in VirtualFile, Action{ReclaimResult})"/>
    /// <remarks>For programs in <see cref="Run{T}"/>.</remarks>
    public Task<ReclaimResult> ReclaimAsync(SimulatedNode node, VirtualFile file)
    {
        var ended = new TaskCompletionSource<ReclaimResult>();
        Reclaim(node, file, ended.SetResult);
        return ended.Task;
    }

    /// <inheritdoc cref="PastrySimulation.Run(Func{Task}, TimeSpan)"/>
    public void Run(Func<Task> program, TimeSpan limit) => Overlay.Run(program, limit);

    /// <inheritdoc cref="PastrySimulation.Run{T}(Func{Task{T}}, TimeSpan)"/>
    public T Run<T>(Func<Task<T>> program, TimeSpan limit) => Overlay.Run(program, limit);

    /// <summary>The wall clock of all nodes, which starts at 1970 with the world.</summary>
    internal DateTimeOffset Clock => DateTimeOffset.UnixEpoch + Overlay.Now.SinceStart;

    /// <summary>Ties a disk to the node that has come to carry a store of it.</summary>
    internal SimulatedNode Place(NodeHandle handle, VirtualDisk disk)
    {
        var node = Overlay.Find(handle.Id)!;
        while (_disks.Count <= node.Host)
        {
            _disks.Add(null);
        }

        _disks[node.Host] = disk;
        return node;
    }

    internal bool Trusts(NodeId node) => _mistrusted.Count == 0 || !_mistrusted.Contains(node);

    internal FileCertificate Certify(in VirtualFile file, int owner) => FileCertificate.Unsigned(file.FileId, OwnerOf(owner), file.Length, file.ReplicaCount);

    /// <summary>Finds the number of the owner who stands in a certificate.</summary>
    internal int NumberOf(PublicKey owner) => _ownerNumbers[owner.NodeId];

    /// <summary>Finds the store that is at work on a handle's node in that very life.</summary>
    internal VirtualStore? FindStore(NodeHandle handle)
    {
        var node = handle.FailureDomain < (ulong)Overlay.Nodes.Count ? Overlay.Nodes[(int)handle.FailureDomain] : null;
        node = node?.Handle.Id == handle.Id ? node : Overlay.Find(handle.Id);
        return node is { IsUp: true, Modules: [VirtualStore store, ..] } ? store : null;
    }

    internal ulong NextOperation() => ++_lastOperation & TimerTokens.OperationMask;

    /// <summary>Gives the key of a node's user, which is not the node's own.</summary>
    private PublicKey OwnerOf(int number)
    {
        if (!_owners.TryGetValue(number, out var owner))
        {
            owner = Overlay.NextKey().PublicKey;
            _owners.Add(number, owner);
            _ownerNumbers.Add(owner.NodeId, number);
        }

        return owner;
    }

    private void InsertSalted(SimulatedNode node, long length, int replicaCount, int salts, Action<InsertResult, int> ended)
    {
        var file = NewFile(length, replicaCount);
        Insert(node, file, result =>
        {
            if (result is not InsertResult.Refused { Reason: StoreRefusal.NoRoom } || node.Modules is not [VirtualStore])
            {
                ended(result, salts);
                return;
            }

            Reclaim(node, file, static _ => { });
            if (salts < _options.Past.SaltsMax)
            {
                InsertSalted(node, length, replicaCount, salts + 1, ended);
            }
            else
            {
                ended(result, salts);
            }
        });
    }

    private VirtualStore NewStore(VirtualDisk disk) => new(this, disk);

    private VirtualStore StoreOf(SimulatedNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Modules is [VirtualStore store, ..] && store.Archive == this
            ? store
            : throw new ArgumentException($"Node {node.Handle} has no store here now: it is down, or was added without one.", nameof(node));
    }
}
