using System.Buffers.Binary;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using PastryApplicationId = P2P.Pastry.PastryApplicationId;

namespace Pastry.Tests.Simulation;

/// <summary>
/// Is a simulated ring whose every delivery is witnessed: where it happened, and whether another node had the better right to it then.
/// </summary>
internal sealed class WatchedRing
{
    /// <summary>Timers of seconds, so that a minute of virtual time sees many failures, leases and repairs.</summary>
    public static readonly PastryOptions Quick = new()
    {
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

    private readonly List<Sent> _sent = [];

    public WatchedRing(ulong seed, PastryOptions? pastry = null, Func<PastrySimulationOptions, PastrySimulationOptions>? change = null)
    {
        var options = new PastrySimulationOptions { Seed = seed, Pastry = pastry ?? Quick };
        Simulation = new PastrySimulation(change?.Invoke(options) ?? options);
    }

    public PastrySimulation Simulation { get; }

    /// <summary>What went wrong, one line each.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>How many messages were sent, and how many of them have been delivered at least once.</summary>
    public (int Sent, int Delivered) Counts => (_sent.Count, _sent.Count(sent => sent.DeliveredAt.Count > 0));

    public IEnumerable<SimulatedNode> Up => Simulation.Nodes.Where(node => node.IsUp && !node.IsAsleep);

    public IReadOnlyList<PastryApplication> NewApplications() => [new Witness(this)];

    public bool Grow(int count) => Simulation.Grow(count, applications: NewApplications);

    public SimulatedNode AddNode() => Simulation.AddNode(NewApplications());

    public SimulatedNode AddNode(NodeId id) => Simulation.AddNode(id, NewApplications());

    public void Restart(SimulatedNode node, params SimulatedNode[] bootstraps)
    {
        node.Restart(NewApplications());
        node.Join(bootstraps);
    }

    public SimulatedNode PickUp() => Pick([.. Up]);

    public SimulatedNode PickReady() => Pick([.. Simulation.ReadyNodes]);

    public SimulatedNode Pick(SimulatedNode[] among) => among[Simulation.NextRandom(among.Length)];

    /// <summary>Routes a message that is followed until it is delivered.</summary>
    /// <returns>Its number.</returns>
    public int Send(SimulatedNode from, NodeId key)
    {
        var payload = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, _sent.Count);
        _sent.Add(new Sent(key));
        from.Route(from.Applications[0], key, Payload.FromBytes(payload));
        return _sent.Count - 1;
    }

    public IReadOnlyList<NodeHandle> DeliveriesOf(int message) => _sent[message].DeliveredAt;

    /// <summary>Draws a key; half of them lie right beside a node or in the middle between two, where the right to deliver changes hands.</summary>
    public NodeId NextKey()
    {
        var node = Pick([.. Simulation.Nodes]).Handle.Id;
        var other = Pick([.. Simulation.Nodes]).Handle.Id;
        return Simulation.NextRandom(4) switch
        {
            0 => new NodeId(unchecked(node.Value + (UInt128)Simulation.NextRandom(3) - 1)),
            1 => new NodeId(unchecked(node.Value + node.ClockwiseTo(other) / 2)),
            _ => Simulation.NextId(),
        };
    }

    /// <summary>Looks whether two nodes would both deliver for one key at this instant.</summary>
    public void CheckExclusive(int keys)
    {
        for (var i = 0; i < keys; i++)
        {
            var key = NextKey();
            var holders = Simulation.Nodes.Where(node => MayDeliver(node, key)).ToArray();
            if (holders.Length > 1)
            {
                Violations.Add($"{Simulation.Now}: {string.Join(" and ", holders.Select(Name))} may both deliver for {key:s}");
            }
        }
    }

    /// <summary>Sends many messages and tells how many did not reach exactly the closest live node.</summary>
    public int CountWrongLookups(int count)
    {
        var oracle = new RingOracle(Simulation);
        var first = _sent.Count;
        for (var i = 0; i < count; i++)
        {
            Send(PickReady(), NextKey());
        }

        Simulation.RunUntil(() => _sent.Skip(first).All(sent => sent.DeliveredAt.Count > 0), TimeSpan.FromMinutes(2));
        return _sent.Skip(first).Count(sent => sent.DeliveredAt.Count == 0 || sent.DeliveredAt.Any(at => at.Id != oracle.Root(sent.Key).Id));
    }

    public IReadOnlyList<string> WrongLeafSets() => new RingOracle(Simulation).CheckLeafSets(Simulation, Simulation.Options.LeafSetSize);

    /// <summary>Runs until every leaf set is as the sorted ring says and every node is ready.</summary>
    public bool RunUntilHealed(TimeSpan limit)
    {
        var end = Simulation.Now + limit;
        while (Simulation.Now < end)
        {
            if (Up.All(node => node.IsReady) && WrongLeafSets().Count == 0)
            {
                return true;
            }

            Simulation.Run(TimeSpan.FromSeconds(1));
        }

        return false;
    }

    public string DescribeState() =>
        string.Join('\n', Simulation.Nodes.Where(node => node.IsUp).OrderBy(node => node.Handle.Id).Select(node =>
            $"{Name(node)} {(node.IsReady ? "ready" : node.Machine.IsJoined ? "joined" : "outside")} held {node.Machine.HeldCount}: {string.Join(' ', node.LeafSet.Select(member => $"{member.Id:s}"))}"));

    private static bool MayDeliver(SimulatedNode node, NodeId key) =>
        node.IsReady && node.Machine.MayDeliverFrom(key, node.LocalNow) <= node.LocalNow;

    private static string Name(SimulatedNode node) => $"{node.Handle.Id:s}/{node.Handle.Incarnation}";

    private void Delivered(NodeHandle at, in RoutedMessage message)
    {
        var key = message.Key;
        var number = BinaryPrimitives.ReadInt32LittleEndian(message.Payload.Span);
        if (_sent[number].Key != key)
        {
            Violations.Add($"{Simulation.Now}: message {number} for {_sent[number].Key:s} arrived as one for {key:s}");
        }

        _sent[number].DeliveredAt.Add(at);
        foreach (var node in Simulation.Nodes)
        {
            if (node.IsReady && node.Handle.Id.IsCloserTo(key, at.Id))
            {
                Violations.Add($"{Simulation.Now}: {at.Id:s} delivered {key:s} though {Name(node)} is ready and closer");
            }
        }
    }

    private sealed record Sent(NodeId Key)
    {
        public List<NodeHandle> DeliveredAt { get; } = [];
    }

    private sealed class Witness(WatchedRing ring) : PastryApplication(PastryApplicationId.FromName("tests/witness"))
    {
        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay) => ring.Delivered(overlay.Self, message);
    }
}
