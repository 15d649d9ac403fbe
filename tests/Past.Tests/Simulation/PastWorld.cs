using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>
/// Is a simulated ring with PAST on every node. The oracle knows the sorted ring, hence who should hold a file, and looks into every store,
/// hence who does.
/// </summary>
internal sealed class PastWorld
{
    /// <summary>Timers of seconds, so that a minute of virtual time sees many failures and repairs.</summary>
    public static readonly PastryOptions Quick = new()
    {
        LeafSetSize = 16,
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        LeaseDuration = TimeSpan.FromSeconds(3),
        ProbeTimeout = TimeSpan.FromSeconds(0.4),
        HopTimeoutInitial = TimeSpan.FromSeconds(0.4),
        HopTimeoutMax = TimeSpan.FromSeconds(0.8),
        JoinTimeout = TimeSpan.FromSeconds(3),
        JoinBackoffMax = TimeSpan.FromSeconds(3),
        LeafSetExchangeInterval = TimeSpan.FromSeconds(5),
        TableMaintenanceInterval = TimeSpan.FromSeconds(30),
        HeldMessageLifetime = TimeSpan.FromSeconds(30),
    };

    private readonly PastSimulation _past;
    private readonly Dictionary<NodeId, Member> _members = [];
    private readonly Dictionary<FileId, SimulatedFile> _files = [];
    private readonly Dictionary<FileId, int> _asked = [];
    private readonly List<SlowDisk> _disks = [];
    private readonly List<MemoryReplicaStore> _copies = [];
    private int _lastKey;

    public PastWorld(
        ulong seed, PastryOptions? pastry = null, PastOptions? past = null, Func<PastrySimulationOptions, PastrySimulationOptions>? change = null, CacheOptions? cache = null)
    {
        var overlay = new PastrySimulationOptions { Seed = seed, Pastry = pastry ?? Quick };
        _past = new PastSimulation(new()
        {
            Overlay = change?.Invoke(overlay) ?? overlay,
            Past = past ?? new PastOptions(),
            WrapDisk = disk => Added(_disks, new SlowDisk(this, disk)),
            Cache = cache ?? new CacheOptions(),
            NewCopies = () => Added(_copies, new MemoryReplicaStore(long.MaxValue)),
        });
    }

    public PastrySimulation Simulation => _past.Overlay;

    public TimeSpan DiskTime { get; set; } = TimeSpan.FromMilliseconds(5);

    public double BytesPerSecond { get; set; } = 10_000_000;

    public long CapacityBytes { get; set; } = 1L << 30;

    /// <summary>Set while nothing crashes: then no drop may leave fewer than k holders.</summary>
    public bool ChecksDrops { get; set; }

    public List<string> Violations { get; } = [];

    public long KeptCount { get; private set; }

    public long DroppedCount { get; private set; }

    public RingOracle Oracle => new(Simulation);

    public IEnumerable<Member> Alive => _members.Values.Where(member => member.IsAlive);

    public static PastWorld Formed(
        int nodes, ulong seed, PastryOptions? pastry = null, PastOptions? past = null, Func<PastrySimulationOptions, PastrySimulationOptions>? change = null, CacheOptions? cache = null)
    {
        var world = new PastWorld(seed, pastry, past, change, cache);
        world.Grow(nodes);
        return world;
    }

    public void Grow(int count)
    {
        for (var made = 0; made < count;)
        {
            var ready = Simulation.ReadyNodes.ToArray();
            if (ready.Length == 0)
            {
                Add().Node.StartRing();
                made++;
                continue;
            }

            var joining = new List<SimulatedNode>();
            for (var i = 0; i < Math.Min(Math.Max(1, ready.Length / 8), count - made); i++)
            {
                joining.Add(Join(Add(), ready).Node);
            }

            Assert.True(Simulation.RunUntilReady(joining, TimeSpan.FromMinutes(5)), $"seed {Simulation.Seed}: nodes did not become ready");
            made += joining.Count;
        }
    }

    /// <summary>Adds a node that is not yet in the ring.</summary>
    public Member Add() => AddWith(_lastKey++);

    /// <summary>Adds a node whose place is among the closest to a key, not yet in the ring.</summary>
    public Member AddNextTo(NodeId key, int rank)
    {
        var closest = Oracle.Closest(key, rank + 1);
        while (true)
        {
            var id = SeededKeys.Get(Simulation.Seed, _lastKey).PublicKey.NodeId;
            if (id.IsCloserTo(key, closest[rank].Id) && (rank == 0 || !id.IsCloserTo(key, closest[rank - 1].Id)))
            {
                return Add();
            }

            _lastKey++;
        }
    }

    /// <summary>Adds a node on which something else than PAST speaks in its name.</summary>
    public SimulatedNode AddImpostor(PastryApplication impostor) =>
        Simulation.AddNode(SeededKeys.Get(Simulation.Seed, _lastKey++).PublicKey.NodeId, impostor);

    public Member Join(Member member, IReadOnlyList<SimulatedNode>? through = null)
    {
        var ready = through ?? [.. Simulation.ReadyNodes];
        member.Node.Join(ready[Simulation.NextRandom(ready.Count)], ready[Simulation.NextRandom(ready.Count)]);
        return member;
    }

    public void JoinAndWait(Member member)
    {
        Join(member);
        Assert.True(Simulation.RunUntilReady([member.Node], TimeSpan.FromMinutes(2)), $"seed {Simulation.Seed}: the node did not become ready");
    }

    /// <summary>Starts another life of a crashed node, with its disk or an empty one, and lets it join.</summary>
    public Member Restart(Member dead, bool withDisk)
    {
        _past.Restart(dead.Node, withDisk);
        return Join(Register(dead.Node));
    }

    public Member Pick()
    {
        var ready = Alive.Where(member => member.Node.IsReady).ToArray();
        return ready[Simulation.NextRandom(ready.Length)];
    }

    public Member? MemberOf(NodeId node) => _members.GetValueOrDefault(node);

    public SimulatedFile NewFile(string name, int replicas = 3, int length = 1000)
    {
        var content = TestFiles.Content(length, seed: _files.Count + 1);
        return Know(new SimulatedFile(TestFiles.Certify(content, name, replicas), content));
    }

    public SimulatedFile Know(SimulatedFile file)
    {
        _files[file.Id] = file;
        return file;
    }

    /// <summary>Inserts a file and runs until that has ended as it should.</summary>
    public SimulatedFile InsertStored(string name, int replicas = 3, int length = 1000)
    {
        var insert = Pick().Insert(NewFile(name, replicas, length));
        Await(insert);
        AssertStored(insert);
        return insert.File;
    }

    public void Await(params SimulatedInsert[] inserts) =>
        Assert.True(
            RunUntilEach(inserts, insert => insert.HasEnded),
            $"seed {Simulation.Seed}: {inserts.Count(insert => !insert.HasEnded)} inserts hang");

    public SimulatedLookup Find(Member client, FileId file)
    {
        var lookup = client.Lookup(file);
        Await(lookup);
        return lookup;
    }

    public void Await(params SimulatedLookup[] lookups) =>
        Assert.True(
            RunUntilEach(lookups, lookup => lookup.HasEnded),
            $"seed {Simulation.Seed}: {lookups.Count(lookup => !lookup.HasEnded)} lookups hang");

    public void Await(params SimulatedReclaim[] reclaims) =>
        Assert.True(
            RunUntilEach(reclaims, reclaim => reclaim.Result is not null),
            $"seed {Simulation.Seed}: {reclaims.Count(reclaim => reclaim.Result is null)} reclaims hang");

    public Member[] HoldersOf(FileId file) => [.. Alive.Where(member => member.Store.Contains(file))];

    public Member[] ClosestTo(SimulatedFile file) =>
        [.. Oracle.Closest(file.Id.RoutingKey, file.Replicas).Select(node => MemberOf(node.Id)!)];

    /// <summary>Lists which of the nodes that should hold files do not.</summary>
    public IReadOnlyList<string> Missing(params IReadOnlyCollection<SimulatedFile> files)
    {
        var oracle = Oracle;
        var missing = new List<string>();
        foreach (var file in files)
        {
            foreach (var node in oracle.Closest(file.Id.RoutingKey, file.Replicas))
            {
                if (MemberOf(node.Id) is not { } member || !member.Store.Contains(file.Id))
                {
                    missing.Add($"{node.Id:s} should hold {file.Id:s}");
                }
            }
        }

        return missing;
    }

    /// <summary>Leaves no more than so many bytes of a node's disk free.</summary>
    public void Fill(Member member, long freeBytes)
    {
        var usage = member.Store.Usage;
        var content = TestFiles.Content((int)Math.Max(0, usage.FreeBytes - freeBytes - 600), seed: 77);

        // A file that belongs elsewhere would be taken there.
        var name = Enumerable.Range(0, int.MaxValue).Select(i => $"filling {i}")
            .First(name => Oracle.Closest(FileId.Compute(name, TestFiles.Owner.PublicKey, [1, 2, 3]).RoutingKey, 1)[0].Id == member.Node.Handle.Id);
        var stored = member.Store.StoreAsync(TestFiles.Certify(content, name, replicas: 1), content);
        Assert.True(stored.IsCompletedSuccessfully);
    }

    /// <summary>Counts live replicas that nobody needs.</summary>
    public int CountSurplus(params IReadOnlyCollection<SimulatedFile> files) => files.Sum(file => HoldersOf(file.Id).Length) - files.Sum(file => file.Replicas);

    /// <summary>Runs until the k closest hold every file.</summary>
    /// <returns>How long it took.</returns>
    public TimeSpan RunUntilWhole(TimeSpan limit, params IReadOnlyCollection<SimulatedFile> files)
    {
        var begin = Simulation.Now;
        while (Missing(files).Count > 0)
        {
            Assert.True(Simulation.Now - begin < limit, $"seed {Simulation.Seed}: not whole after {limit}:\n{string.Join('\n', Missing(files).Take(20))}");
            Simulation.Run(TimeSpan.FromMilliseconds(100));
        }

        return Simulation.Now - begin;
    }

    /// <summary>Asserts that an insert ended with the receipts of k different nodes, each for this very certificate and signed by its node.</summary>
    public void AssertStored(SimulatedInsert insert)
    {
        Assert.True(insert.Result is InsertResult.Stored, $"seed {Simulation.Seed}: {insert.Result} {insert.Failure}");
        Assert.Equal(insert.File.Replicas, insert.Result!.Receipts.Select(receipt => receipt.Holder).Distinct().Count());
        Assert.Equal(insert.File.Replicas, insert.Result.Receipts.Length);
        Assert.Equal(insert.File.Certificate, insert.Result.Certificate);
        Assert.All(insert.Result.Receipts, receipt => Assert.True(receipt.IsFor(insert.File.Certificate) && receipt.Verify()));
    }

    public void AssertNoViolations() => Assert.True(Violations.Count == 0, $"seed {Simulation.Seed}:\n{string.Join('\n', Violations.Take(10))}");

    /// <summary>Counts how often the nodes' stores were asked whether they hold a file.</summary>
    public int AskedCountOf(FileId file) => _asked.GetValueOrDefault(file);

    internal Task TakeTimeAsync(TimeSpan span, CancellationToken cancellationToken) => Task.Delay(span, Simulation.Time, cancellationToken);

    internal void CountAsked(FileId file) => _asked[file] = AskedCountOf(file) + 1;

    internal void CountKept() => KeptCount++;

    internal void Dropped(FileId file)
    {
        DroppedCount++;
        var left = HoldersOf(file).Length;
        if (ChecksDrops && left < _files[file].Replicas)
        {
            Violations.Add($"{Simulation.Now}: {file:s} was let go of, which leaves {left} holders");
        }
    }

    private bool RunUntilEach<T>(T[] operations, Func<T, bool> hasEnded)
    {
        var ended = 0;
        return Simulation.RunUntil(
            () =>
            {
                while (ended < operations.Length && hasEnded(operations[ended]))
                {
                    ended++;
                }

                return ended == operations.Length;
            },
            TimeSpan.FromMinutes(10));
    }

    private static T Added<T>(List<T> list, T item)
    {
        list.Add(item);
        return item;
    }

    private Member AddWith(int number) => Register(_past.AddNode(SeededKeys.Get(Simulation.Seed, number), CapacityBytes));

    private Member Register(SimulatedNode node) =>
        _members[node.Handle.Id] = new Member(Simulation, node, (PastStore)_past.StoreOf(node), _past.DiskOf(node), _disks[^1], _copies[^1]);
}
