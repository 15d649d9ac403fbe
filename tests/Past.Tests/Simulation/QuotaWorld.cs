using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Is a simulated ring whose nodes hold files with a broker's permit only, and contribute to its supply. The broker outlives the node that it runs on, as its database would.</summary>
internal sealed class QuotaWorld
{
    private readonly Dictionary<NodeId, MemoryReplicaStore> _disks = [];
    private readonly long _contributed;
    private readonly long _capacity;
    private readonly TimeSpan _lifetime;

    /// <param name="nodes">How many nodes, the broker's among them.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="contributed">How much each contributes for the owner.</param>
    /// <param name="options">The broker's rules; default all that is contributed may be used.</param>
    /// <param name="capacity">How much each can really hold.</param>
    /// <param name="lifetime">How long a contribution counts; default a day.</param>
    public QuotaWorld(int nodes, ulong seed, long contributed, BrokerOptions? options = null, long capacity = 1L << 30, TimeSpan? lifetime = null)
    {
        (_contributed, _capacity, _lifetime) = (contributed, capacity, lifetime ?? TimeSpan.FromDays(1));
        Overlay = new PastrySimulation(new PastrySimulationOptions { Seed = seed, Pastry = PastWorld.Quick, ThroughCodec = true });
        BrokerKey = SeededKeys.Get(seed, 1_000_000);
        Owner = SeededKeys.Get(seed, 1_000_001);
        Broker = Broker.InMemory(BrokerKey, options ?? new BrokerOptions { GrantFraction = 1 }, Overlay.Time);
        BrokerNode = AddNode(BrokerKey, serves: true);
        BrokerNode.StartRing();
        Assert.True(Overlay.RunUntilReady([BrokerNode], TimeSpan.FromMinutes(5)), $"seed {seed}");
        for (var number = 1; number < nodes; number++)
        {
            Join(AddNode(SeededKeys.Get(seed, number)));
        }

        Overlay.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(nodes * contributed, Run(async () => (await Broker.GetAccountAsync(Owner.PublicKey)).GrantedBytes));
    }

    public PastrySimulation Overlay { get; }

    public SigningKey BrokerKey { get; }

    public SigningKey Owner { get; }

    public Broker Broker { get; }

    public SimulatedNode BrokerNode { get; }

    public static PastStore StoreOf(SimulatedNode node) => node.Modules.OfType<PastStore>().Single();

    public static BrokerQuota QuotaOf(SimulatedNode node) => node.Modules.OfType<BrokerQuota>().Single();

    /// <summary>Adds a node whose users ask somebody else for room, or nobody.</summary>
    public SimulatedNode JoinWith(IQuota? quota)
    {
        var node = Overlay.AddNode([NewStore(new MemoryReplicaStore(_capacity), quota)]);
        Join(node);
        return node;
    }

    /// <summary>Draws a node that is ready and not the broker's.</summary>
    public SimulatedNode AnyNode()
    {
        SimulatedNode[] ready = [.. Overlay.ReadyNodes.Where(node => node != BrokerNode && node.Modules.Count == 2)];
        return ready[Overlay.NextRandom(ready.Length)];
    }

    public ValueTask<InsertResult> InsertAsync(string name, int length, int replicas = 3, SimulatedNode? at = null, ISigner? owner = null) =>
        StoreOf(at ?? AnyNode()).InsertAsync(name, owner ?? Owner, ContentSource.FromBytes(TestFiles.Content(length)), new InsertOptions { ReplicaCount = replicas });

    public async Task<InsertResult.Stored> InsertStoredAsync(string name, int length, int replicas = 3) =>
        Assert.IsType<InsertResult.Stored>(await InsertAsync(name, length, replicas));

    public SimulatedNode[] HoldersOf(FileId file) => [.. Overlay.Nodes.Where(node => node.IsUp && _disks.TryGetValue(node.Handle.Id, out var disk) && disk.Contains(file))];

    public async Task<long> UsedAsync() => (await Broker.GetAccountAsync(Owner.PublicKey)).UsedBytes;

    /// <summary>Gives the length of all that is held, each file as often as it is to be held.</summary>
    public async Task<long> HeldBytesAsync()
    {
        var files = new HashSet<FileCertificate>();
        var page = new StoredReplica[1_000];
        foreach (var disk in _disks.Values)
        {
            foreach (var replica in page[..disk.List(KeyRange.All, after: null, page)])
            {
                await using var content = await disk.OpenReadAsync(replica.FileId);
                files.Add(content!.Certificate);
            }
        }

        return files.Sum(file => file.ContentLength * file.ReplicaCount);
    }

    /// <summary>Starts a node again with its disk, and waits until it is ready.</summary>
    public async Task RestartAsync(SimulatedNode node)
    {
        node.Restart(Modules(node.Handle.Id, serves: node == BrokerNode));
        node.Join(Overlay.ReadyNodes.First());
        while (!node.IsReady)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), Overlay.Time);
        }
    }

    public void Run(Func<Task> program) => Overlay.Run(program, TimeSpan.FromHours(2));

    public T Run<T>(Func<Task<T>> program) => Overlay.Run(program, TimeSpan.FromHours(2));

    private void Join(SimulatedNode node)
    {
        node.Join(Overlay.ReadyNodes.First());
        Assert.True(Overlay.RunUntilReady([node], TimeSpan.FromMinutes(5)), $"seed {Overlay.Seed}");
    }

    private SimulatedNode AddNode(SigningKey key, bool serves = false) => Overlay.AddNode(Modules(key.PublicKey.NodeId, serves), key);

    private IReadOnlyList<IPastryModule> Modules(NodeId node, bool serves)
    {
        if (!_disks.TryGetValue(node, out var disk))
        {
            _disks.Add(node, disk = new MemoryReplicaStore(_capacity));
        }

        var quota = new BrokerQuota(new BrokerQuotaOptions
        {
            Broker = BrokerKey.PublicKey,
            Serve = serves ? Broker : null,
            Contribution = new StorageContribution(Owner.PublicKey, _contributed),
            ContributionLifetime = _lifetime,
            RequestTimeout = TimeSpan.FromSeconds(2),
        });
        return [NewStore(disk, quota), quota];
    }

    private PastStore NewStore(MemoryReplicaStore disk, IQuota? quota) =>
        new(new PastStoreOptions { Replicas = new SimulatedDisk(disk), Brokers = { BrokerKey.PublicKey }, Quota = quota });
}
