using P2P.Pastry.Protocol;

namespace P2P.Pastry.Simulation;

/// <summary>Is one node of a simulated overlay, on a host of its own.</summary>
public sealed class SimulatedNode
{
    private readonly PastrySimulation _simulation;
    private PastryMachine? _machine;
    private SigningKey? _key;
    private long _controlOfEarlierLives;

    internal SimulatedNode(PastrySimulation simulation, int host, PastryMachine machine, IReadOnlyList<PastryApplication> applications, TimeSpan clockOffset)
    {
        _simulation = simulation;
        Host = host;
        Handle = machine.Self;
        _machine = machine;
        Applications = applications;
        ClockOffset = clockOffset;
    }

    /// <summary>The number of the node's host in the network.</summary>
    public int Host { get; }

    /// <summary>Who the node is, in its present life, or was in its last.</summary>
    public NodeHandle Handle { get; private set; }

    /// <summary>The applications that run on the node; none where it is down.</summary>
    public IReadOnlyList<PastryApplication> Applications { get; private set; }

    /// <summary>Tells whether the node's process runs: it has not crashed or left.</summary>
    public bool IsUp { get; internal set; } = true;

    /// <summary>Tells whether the node sleeps, as a laptop does: its clock stands still and it hears nothing.</summary>
    public bool IsAsleep { get; internal set; }

    /// <summary>Tells whether the node takes part in the ring and may deliver.</summary>
    public bool IsReady => IsUp && !IsAsleep && Machine.IsReadyAt(LocalNow);

    /// <summary>The members of the node's leaf set, from the farthest on the left to the farthest on the right.</summary>
    /// <remarks>A node that is down knows nobody.</remarks>
    public IReadOnlyList<NodeHandle> LeafSet => _machine?.LeafSet.Members ?? [];

    /// <summary>Lists the nodes in one row of the routing table: those that share so many digits with this one, for each next digit one.</summary>
    public IReadOnlyList<NodeHandle> RoutingTableRow(int row) => _machine?.Table.Row(row) ?? [];

    /// <summary>
    /// How many messages of the protocol itself the node has sent: no routed messages, acknowledgements, confirmations or applications' own. Those by which
    /// its host measured others, or let itself be measured, are among them, and those of the node's earlier lives.
    /// </summary>
    public long ControlMessagesSent => _controlOfEarlierLives + ControlOf(_machine) + EchoesSent;

    /// <summary>How often the host has answered another that measured how near it is.</summary>
    internal long EchoesSent { get; set; }

    /// <summary>The modules that the node carries, in its present life.</summary>
    public IReadOnlyList<IPastryModule> Modules { get; private set; } = [];

    internal PastryMachine Machine => _machine ?? throw new InvalidOperationException($"Node {Handle} is down.");

    internal SimulatedShell? Shell { get; private set; }

    internal TimeSpan ClockOffset { get; set; }

    /// <summary>What the node's own clock shows; it stands still in sleep.</summary>
    internal Instant LocalNow => (IsAsleep ? AsleepSince : _simulation.Now) + ClockOffset;

    internal Instant AsleepSince { get; set; }

    /// <summary>Counts the lives, so that events for an earlier one are not mistaken for this one's.</summary>
    internal int Life { get; private set; }

    /// <summary>Shows all that the node knows of its ring, as of now.</summary>
    /// <exception cref="InvalidOperationException">The node is down.</exception>
    public PastrySnapshot TakeSnapshot() => PastrySnapshot.Of(Machine, LocalNow);

    /// <summary>Starts a new ring of which the node is the first member.</summary>
    public void StartRing() => _simulation.Run(this, (machine, now, output) => machine.StartRing(now, output));

    /// <summary>Joins the ring through other nodes, the next where one does not answer.</summary>
    public void Join(params SimulatedNode[] bootstraps)
    {
        ArgumentNullException.ThrowIfNull(bootstraps);
        Bootstraps = bootstraps;
        _simulation.Run(this, (machine, now, output) => machine.Join(bootstraps.Length, now, output));
    }

    /// <summary>Routes a message of an application from this node.</summary>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="Payload.LengthMax"/>.</exception>
    public void Route(PastryApplication application, NodeId key, Payload payload = default, RouteOptions options = RouteOptions.None)
    {
        ArgumentNullException.ThrowIfNull(application);
        payload.ThrowIfTooLong(nameof(payload));
        _simulation.Run(this, (machine, now, output) => machine.Route(application.Id, key, payload, options, now, output));
    }

    /// <summary>Hands an input to an application of this node, as the application's shell would.</summary>
    public void Post(PastryApplication application, object input)
    {
        ArgumentNullException.ThrowIfNull(application);
        _simulation.Run(this, (application, input), static (machine, posted, now, output) => machine.Handle(posted.application, posted.input, now, output));
    }

    /// <summary>Stops the node between two events, without a word to anybody.</summary>
    public void Crash() => End();

    /// <summary>Lets the node say farewell and stop.</summary>
    public void Leave()
    {
        _simulation.Run(this, (machine, now, output) => machine.Leave(now, output));
        End();
    }

    /// <summary>Starts another life of a node that has crashed or left: same id, nothing left in memory, not yet joined.</summary>
    /// <param name="applications">The applications of the new life; what they bring along is what was on disk.</param>
    /// <exception cref="InvalidOperationException">The node is up.</exception>
    public void Restart(params IReadOnlyList<PastryApplication> applications)
    {
        if (IsUp)
        {
            throw new InvalidOperationException($"Node {Handle} is up; it can be restarted after a crash or a farewell.");
        }

        ArgumentNullException.ThrowIfNull(applications);
        Life++;
        IsUp = true;
        IsAsleep = false;
        Applications = applications;
        _machine = _simulation.NewMachine(Handle.Id, Host, Handle.Incarnation + 1, applications);
        Handle = _machine.Self;
    }

    /// <summary>Starts another life of a node that has crashed or left: same key, other modules, not yet joined.</summary>
    /// <param name="modules">The modules of the new life; what they bring along is what was on disk.</param>
    /// <exception cref="InvalidOperationException">The node is up, or it never carried modules and has no key.</exception>
    public void Restart(IReadOnlyList<IPastryModule> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var key = _key ?? throw new InvalidOperationException($"Node {Handle} has no key: it was added without modules.");
        Restart([.. modules.Select(module => module.Application)]);
        Carry(key, modules, _simulation.NextSeed());
    }

    /// <summary>Puts the node to sleep: its clock stands still, and what is sent to it is lost.</summary>
    public void Sleep()
    {
        if (IsAsleep)
        {
            return;
        }

        IsAsleep = true;
        AsleepSince = _simulation.Now;
    }

    /// <summary>Wakes the node with its old timers; its shell has noticed that the wall clock jumped.</summary>
    public void Wake()
    {
        if (!IsAsleep)
        {
            return;
        }

        IsAsleep = false;
        ClockOffset -= _simulation.Now - AsleepSince;
        _simulation.Run(this, (machine, now, output) => machine.Resume(now, output));
    }

    internal IReadOnlyList<SimulatedNode> Bootstraps { get; private set; } = [];

    /// <summary>Puts modules on the node, for its present life.</summary>
    internal void Carry(SigningKey key, IReadOnlyList<IPastryModule> modules, ulong seed)
    {
        _key = key;
        Modules = modules;
        Shell = new SimulatedShell(_simulation, this, key, modules, seed);
    }

    private static long ControlOf(PastryMachine? machine) => machine is null ? 0 : machine.Counters.ControlSent + machine.Counters.Echoes;

    /// <summary>Ends a life. Nothing of what the node knew is kept: in a long run most nodes that there ever were are down.</summary>
    private void End()
    {
        IsUp = false;
        Shell?.End();
        Shell = null;
        Modules = [];
        Applications = [];
        Bootstraps = [];
        _controlOfEarlierLives += ControlOf(_machine);
        _machine = null;
    }
}
