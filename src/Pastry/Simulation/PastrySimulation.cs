using System.Buffers;
using System.Diagnostics;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Runs an overlay of any size in virtual time, on the calling thread, with the same machines that run in production. The same seed and the
/// same calls give the same run, to the last message.
/// </summary>
public sealed class PastrySimulation
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

    /// <summary>Carries out what applications hand to their shells; replace it to simulate disks and users.</summary>
    public Action<SimulatedNode, PastryApplication, object> PerformEffect { get; set; } = (_, _, _) => { };

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

    /// <summary>Finds a node by its id.</summary>
    public SimulatedNode? Find(NodeId id) => _nodesById.GetValueOrDefault(id);

    /// <summary>
    /// Adds nodes and lets them join by the protocol, many at a time, and returns when all are ready.
    /// </summary>
    /// <param name="count">How many to add.</param>
    /// <param name="atOnce">How many may be joining at any time; never more than an eighth of the ring, but at least one.</param>
    /// <param name="applications">Makes the applications of one node.</param>
    /// <returns>False where they did not all become ready within an hour of virtual time each.</returns>
    public bool Grow(int count, int atOnce = 1000, Func<IReadOnlyList<PastryApplication>>? applications = null)
    {
        var target = _nodes.Count + count;
        while (_nodes.Count < target)
        {
            var ready = _nodes.Where(node => node.IsReady).ToArray();
            if (ready.Length == 0)
            {
                AddNode(applications?.Invoke() ?? []).StartRing();
                continue;
            }

            var batch = Math.Min(Math.Min(atOnce, Math.Max(1, ready.Length / 8)), target - _nodes.Count);
            var joining = new List<SimulatedNode>(batch);
            for (var i = 0; i < batch; i++)
            {
                var node = AddNode(applications?.Invoke() ?? []);
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
    public void Run(TimeSpan span) => _kernel.Run(span);

    /// <summary>Lets the world run until a condition holds.</summary>
    /// <returns>False where the limit was reached before.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit) => _kernel.RunUntil(condition, limit);

    /// <summary>Draws from 0 to <paramref name="bound"/> − 1, from the world's seed.</summary>
    public int NextRandom(int bound) => _kernel.NextRandom(bound);

    /// <summary>Draws an id, from the world's seed.</summary>
    public NodeId NextId() => new(new UInt128(_kernel.NextRandom(), _kernel.NextRandom()));

    /// <summary>Hands an input to an application of a node after a span of virtual time, unless the node's life has ended by then.</summary>
    public void Post(SimulatedNode node, PastryApplication application, object input, TimeSpan after)
    {
        ArgumentNullException.ThrowIfNull(node);
        _kernel.Schedule(Now + after, new SimulatedEvent { Kind = EventKind.Input, Node = node, Life = node.Life, Application = application, Input = input });
    }

    /// <summary>Lets something happen after a span of virtual time: a fault, a user, a measurement.</summary>
    public void Schedule(TimeSpan after, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        _kernel.Schedule(Now + after, new SimulatedEvent { Kind = EventKind.Action, Input = action });
    }

    internal PastryMachine NewMachine(NodeId id, int host, ulong incarnation, IReadOnlyList<PastryApplication> applications)
    {
        var handle = new NodeHandle(id, incarnation, [new NodeAddress($"host-{host}", 1)], failureDomain: (ulong)host);
        return new PastryMachine(handle, _options.Pastry, _kernel.NextRandom(), applications);
    }

    /// <summary>Gives a node an input, and carries out what it wants done; of a node that is down or asleep, nobody takes it.</summary>
    internal void Run(SimulatedNode node, Action<PastryMachine, Instant, Outbox> input)
    {
        if (!node.IsUp || node.IsAsleep)
        {
            return;
        }

        Debug.Assert(!_isRunningStep, "A node's step must not start another's.");
        _isRunningStep = true;
        input(node.Machine, node.LocalNow, _outbox);
        _isRunningStep = false;
        Drain(node);
    }

    private void Carry(SimulatedEvent item)
    {
        if (item.Kind == EventKind.Action)
        {
            ((Action)item.Input!)();
            return;
        }

        var node = item.Node!;
        if (!node.IsUp || node.Life != item.Life)
        {
            if (item.Kind == EventKind.Message && _options.ReportsPeerDown && _nodesById[item.From!.Id] is { } sender)
            {
                ReportDown(sender, node);
            }

            return;
        }

        if (node.IsAsleep)
        {
            if (item.Kind == EventKind.Timer)
            {
                // It goes off when the node's own clock gets there, after the sleep.
                _kernel.Schedule(Now + TimeSpan.FromSeconds(1), item);
            }

            return;
        }

        var machine = node.Machine;
        var now = node.LocalNow;
        Note(item, node);
        switch (item.Kind)
        {
            case EventKind.Message:
                machine.Receive(item.From!, item.Message, now, _outbox);
                break;
            case EventKind.Timer when now < item.Due:
                _kernel.Schedule(Now + (item.Due - now), item);
                break;
            case EventKind.Timer:
                machine.Expire(item.Timer, now, _outbox);
                break;
            case EventKind.Bootstrap:
                Bootstrap(node, item.Index, now);
                break;
            case EventKind.PeerDown:
                machine.PeerDown(item.From!, now, _outbox);
                break;
            case EventKind.Input:
                machine.Handle(item.Application!, item.Input!, now, _outbox);
                break;
            default:
                break;
        }

        Drain(node);
    }

    private void Bootstrap(SimulatedNode node, int index, Instant now)
    {
        var bootstrap = node.Bootstraps[index];
        if (bootstrap.IsUp && !bootstrap.IsAsleep && !Network.IsCut(node.Host, bootstrap.Host) && !Network.IsCut(bootstrap.Host, node.Host))
        {
            node.Machine.BootstrapResolved(index, bootstrap.Handle, now, _outbox);
        }
        else
        {
            node.Machine.BootstrapUnreachable(index, $"host-{bootstrap.Host} does not answer", now, _outbox);
        }
    }

    private void ReportDown(SimulatedNode sender, SimulatedNode gone) =>
        _kernel.Schedule(
            Now + Network.Topology.Delay(gone.Host, sender.Host),
            new SimulatedEvent { Kind = EventKind.PeerDown, Node = sender, Life = sender.Life, From = gone.Handle });

    private void Drain(SimulatedNode node)
    {
        foreach (ref readonly var outgoing in _outbox.Messages)
        {
            Send(node, outgoing.To, outgoing.Message);
        }

        foreach (ref readonly var timer in _outbox.Timers)
        {
            _kernel.Schedule(timer.Due - node.ClockOffset, new SimulatedEvent { Kind = EventKind.Timer, Node = node, Life = node.Life, Timer = timer.Key, Due = timer.Due });
        }

        if (_outbox.Effects.Length == 0)
        {
            _outbox.Clear();
            return;
        }

        Effect[] effects = [.. _outbox.Effects];
        _outbox.Clear();
        foreach (var effect in effects)
        {
            Perform(node, effect);
        }
    }

    private void Send(SimulatedNode from, NodeHandle to, in Message message)
    {
        if (!_nodesById.TryGetValue(to.Id, out var receiver) || !Network.TryTransit(from.Host, receiver.Host, out var transit))
        {
            return;
        }

        // A message is for one life of its receiver, but who dials an address gets whoever lives there now.
        _kernel.Schedule(Now + transit, new SimulatedEvent
        {
            Kind = EventKind.Message,
            Node = receiver,
            Life = receiver.Life,
            From = from.Handle,
            Message = _options.ThroughCodec ? Recode(message) : message with { Payload = message.Payload.Keep() },
        });
    }

    private Message Recode(in Message message)
    {
        _wire.ResetWrittenCount();
        MessageFormat.Write(_wire, message);
        return MessageFormat.TryRead(_wire.WrittenSpan.ToArray(), out var decoded)
            ? decoded
            : throw new InvalidOperationException($"A message of kind {message.Kind} can't be read back (seed {Seed}).");
    }

    private void Perform(SimulatedNode node, Effect effect)
    {
        _options.Trace?.Invoke($"{Now} {node.Handle.Id:s} {effect}");
        switch (effect)
        {
            case ResolveBootstrap resolve:
                var roundTrip = 2 * Network.Topology.Delay(node.Host, node.Bootstraps[resolve.Index].Host);
                _kernel.Schedule(Now + roundTrip, new SimulatedEvent { Kind = EventKind.Bootstrap, Node = node, Life = node.Life, Index = resolve.Index });
                break;
            case ApplicationEffect application:
                PerformEffect(node, application.Application, application.Effect);
                break;
            case ApplicationFailed failed:
                // A live node goes on; here it is a finding.
                throw new InvalidOperationException($"A handler of {failed.Application.GetType().Name} failed (seed {Seed}).", failed.Exception);
            default:
                break;
        }
    }

    private void Note(in SimulatedEvent item, SimulatedNode node)
    {
        Mix((ulong)Now.Ticks);
        Mix(((ulong)item.Kind << 56) | ((ulong)item.Message.Kind << 48) | ((ulong)item.Timer.Kind << 40) | (uint)node.Host);
        Mix((ulong)(item.From?.Id.Value ?? 0) ^ item.Message.Sequence ^ item.Timer.Nonce);
        _options.Trace?.Invoke(item.Kind switch
        {
            EventKind.Message => $"{Now} {node.Handle.Id:s} <- {item.From!.Id:s} {item.Message.Kind}",
            EventKind.Timer => $"{Now} {node.Handle.Id:s} timer {item.Timer.Kind}",
            _ => $"{Now} {node.Handle.Id:s} {item.Kind}",
        });

        void Mix(ulong value) => _traceHash = (_traceHash ^ value) * 1099511628211;
    }

    private enum EventKind : byte
    {
        Message,
        Timer,
        Bootstrap,
        PeerDown,
        Input,
        Action,
    }

    private readonly record struct SimulatedEvent
    {
        public EventKind Kind { get; init; }

        public int Life { get; init; }

        public int Index { get; init; }

        public SimulatedNode? Node { get; init; }

        public NodeHandle? From { get; init; }

        public Message Message { get; init; }

        public TimerKey Timer { get; init; }

        public Instant Due { get; init; }

        public PastryApplication? Application { get; init; }

        public object? Input { get; init; }
    }
}
