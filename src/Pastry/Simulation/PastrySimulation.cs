using System.Buffers;
using System.Diagnostics;
using P2P.Pastry.Protocol;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Runs an overlay of any size in virtual time, on the calling thread, with the same machines that run in production. The same seed and the
/// same calls give the same run, to the last message.
/// </summary>
public sealed partial class PastrySimulation
{
    private static readonly TimeSpan ClockSpread = TimeSpan.FromHours(1);

    private readonly PastrySimulationOptions _options;
    private readonly SimulationKernel<SimulatedEvent> _kernel;
    private readonly List<SimulatedNode> _nodes = [];
    private readonly Dictionary<NodeId, SimulatedNode> _nodesById = [];
    private readonly Outbox _outbox = new();
    private readonly ArrayBufferWriter<byte> _wire = new();
    private ulong _traceHash = 14695981039346656037;
    private bool _isRunningStep;

    /// <summary>Makes an empty world.</summary>
    public PastrySimulation(PastrySimulationOptions? options = null)
    {
        _options = options ?? new();
        _options.Pastry.Validate();
        _kernel = new SimulationKernel<SimulatedEvent>(_options.Seed, Carry);
        Network = new SimulatedNetwork(
            _options.Topology ?? Topologies.Plane(TimeSpan.FromMilliseconds(100), _options.Seed),
            _kernel.NextRandom());
    }

    /// <summary>What lies between the nodes, and its faults.</summary>
    public SimulatedNetwork Network { get; }

    /// <summary>All nodes, whether up or not, by their host's number.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    /// <summary>The nodes that are up and ready.</summary>
    public IEnumerable<SimulatedNode> ReadyNodes => _nodes.Where(node => node.IsReady);

    /// <summary>The parameters of the nodes.</summary>
    public PastryOptions Options => _options.Pastry;

    /// <summary>The virtual time.</summary>
    public Instant Now => _kernel.Now;

    /// <summary>The seed of this run, to be shown when something fails.</summary>
    public ulong Seed => _options.Seed;

    /// <summary>How many events there have been.</summary>
    public long EventCount => _kernel.EventCount;

    /// <summary>A hash over everything that has happened; runs with equal hashes took the same course.</summary>
    public ulong TraceHash => _traceHash;

    /// <summary>Adds a node with an id drawn by the seed; it is up, and alone until it starts a ring or joins one.</summary>
    public SimulatedNode AddNode(params IReadOnlyList<PastryApplication> applications) =>
        AddNode(new NodeId(new UInt128(_kernel.NextRandom(), _kernel.NextRandom())), applications);

    /// <summary>Adds a node with a given id; it is up, and alone until it starts a ring or joins one.</summary>
    public SimulatedNode AddNode(NodeId id, params IReadOnlyList<PastryApplication> applications)
    {
        ArgumentNullException.ThrowIfNull(applications);
        var host = _nodes.Count;
        var node = new SimulatedNode(
            this, host, NewMachine(id, host, incarnation: 1, applications), applications, ClockSpread * _kernel.NextDouble());
        _nodes.Add(node);
        _nodesById.Add(id, node);
        return node;
    }

    /// <summary>
    /// Adds a node that carries modules, as live nodes do; it is up, and alone until it starts a ring or joins one.
    /// </summary>
    /// <param name="modules">The modules; when the node crashes, leaves or is done with, they are disposed of.</param>
    /// <param name="key">The node's key, which gives its id; default one drawn by the seed.</param>
    public SimulatedNode AddNode(IReadOnlyList<IPastryModule> modules, SigningKey? key = null)
    {
        ArgumentNullException.ThrowIfNull(modules);
        key ??= NextKey();
        var node = AddNode(key.PublicKey.NodeId, [.. modules.Select(module => module.Application)]);
        node.Carry(key, modules, NextSeed());
        return node;
    }

    /// <summary>Finds a node by its id.</summary>
    public SimulatedNode? Find(NodeId id) => _nodesById.GetValueOrDefault(id);

    /// <summary>
    /// Adds nodes and lets them join by the protocol, many at a time, and returns when all are ready.
    /// </summary>
    /// <param name="count">How many to add.</param>
    /// <param name="atOnce">How many may be joining at any time; never more than an eighth of the ring, but at least one.</param>
    /// <param name="applications">Makes the applications of one node.</param>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(int count, int atOnce = 1000, Func<IReadOnlyList<PastryApplication>>? applications = null) =>
        Grow(count, atOnce, () => AddNode(applications?.Invoke() ?? []));

    /// <summary>Adds nodes that carry modules and lets them join by the protocol, many at a time, and returns when all are ready.</summary>
    /// <param name="count">How many to add.</param>
    /// <param name="modules">Makes the modules of one node.</param>
    /// <param name="atOnce">How many may be joining at any time; never more than an eighth of the ring, but at least one.</param>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(int count, Func<IReadOnlyList<IPastryModule>> modules, int atOnce = 1000)
    {
        ArgumentNullException.ThrowIfNull(modules);
        return Grow(count, atOnce, () => AddNode(modules()));
    }

    /// <summary>Lets the world run until all these nodes are ready.</summary>
    /// <returns>False where the limit was reached before.</returns>
    public bool RunUntilReady(IReadOnlyList<SimulatedNode> nodes, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var next = 0;
        return RunUntil(
            () =>
            {
                while (next < nodes.Count && nodes[next].IsReady)
                {
                    next++;
                }

                return next == nodes.Count;
            },
            limit);
    }

    /// <summary>Lets the world run for a span of virtual time.</summary>
    public void Run(TimeSpan span) => OnThread(() =>
    {
        _kernel.Run(span);
        return true;
    });

    /// <summary>Lets the world run until a condition holds.</summary>
    /// <returns>False where the limit was reached before.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit) => OnThread(() => _kernel.RunUntil(condition, limit));

    /// <summary>Draws from 0 to <paramref name="bound"/> − 1, from the world's seed.</summary>
    public int NextRandom(int bound) => _kernel.NextRandom(bound);

    /// <summary>Draws an id, from the world's seed.</summary>
    public NodeId NextId() => new(new UInt128(_kernel.NextRandom(), _kernel.NextRandom()));

    /// <summary>Lets something happen after a span of virtual time: a fault, a user, a measurement.</summary>
    public void Schedule(TimeSpan after, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _kernel.Schedule(Now + after, new SimulatedEvent { Kind = EventKind.Action, Subject = action });
    }

    internal ulong NextSeed() => _kernel.NextRandom();

    internal PastryMachine NewMachine(NodeId id, int host, ulong incarnation, IReadOnlyList<PastryApplication> applications)
    {
        var handle = new NodeHandle(id, incarnation, [new NodeAddress($"host-{host}", 1)], _options.FailureDomainOf?.Invoke(host) ?? (ulong)host);
        return new PastryMachine(handle, _options.Pastry, _kernel.NextRandom(), applications);
    }

    private bool Grow(int count, int atOnce, Func<SimulatedNode> add)
    {
        var target = _nodes.Count + count;
        while (_nodes.Count < target)
        {
            var ready = ReadyNodes.ToArray();
            if (ready.Length == 0)
            {
                add().StartRing();
                continue;
            }

            var batch = Math.Min(Math.Min(atOnce, Math.Max(1, ready.Length / 8)), target - _nodes.Count);
            var joining = new List<SimulatedNode>(batch);
            for (var i = 0; i < batch; i++)
            {
                var node = add();
                node.Join(ready[NextRandom(ready.Length)], ready[NextRandom(ready.Length)]);
                joining.Add(node);
            }

            if (!RunUntilReady(joining, TimeSpan.FromHours(1)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Gives a node an input, and carries out what it wants done; of a node that is down or asleep, nobody takes it.</summary>
    internal void Run(SimulatedNode node, Action<PastryMachine, Instant, Outbox> input) =>
        Run(node, input, static (machine, input, now, output) => input(machine, now, output));

    /// <inheritdoc cref="Run(SimulatedNode, Action{PastryMachine, Instant, Outbox})"/>
    internal void Run<T>(SimulatedNode node, T argument, Action<PastryMachine, T, Instant, Outbox> input)
    {
        if (!node.IsUp || node.IsAsleep)
        {
            return;
        }

        Debug.Assert(!_isRunningStep, "A node's step must not start another's.");
        _isRunningStep = true;
        input(node.Machine, argument, node.LocalNow, _outbox);
        _isRunningStep = false;
        Drain(node);
    }
}
