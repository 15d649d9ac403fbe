using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Is what all parts of a node's machine share: who it is, its tables, and for the length of one step the instant and the outbox.
/// </summary>
internal sealed class NodeState
{
    private const int ObservationsPerLook = 32;

    private readonly SecretNumbers _secrets;
    private SeededRandom _random;
    private uint _observations;
    private LeafSetBody? _described;

    public NodeState(NodeHandle self, PastryOptions options, ulong seed, bool hasOwnMetric = false, ulong? secret = null)
    {
        Self = self;
        Options = options;
        Nearness = hasOwnMetric ? new RoundTripTable() : RoundTrips;
        _random = new SeededRandom(seed);
        _secrets = new SecretNumbers(secret ?? seed);
        LeafSet = new LeafSet(self.Id, options.LeafSetSize);
        Table = new RoutingTable(self.Id, options.BitsPerDigit);
        Neighborhood = new NeighborhoodSet(options.NeighborhoodSize);
        // An obituary outlives the rounds of gossip that may still carry the dead node's name.
        Obituaries = new Obituaries(capacity: options.LeafSetSize, lifetime: options.LeaseDuration * 2 + options.LeafSetExchangeInterval);
        LostPeers = new LostPeers(options.LeafSetSize);
        Proximities = new ProximityProbes(this);
    }

    public NodeHandle Self { get; }

    public PastryOptions Options { get; }

    public LeafSet LeafSet { get; }

    public RoutingTable Table { get; }

    public NeighborhoodSet Neighborhood { get; }

    public RoundTripTable RoundTrips { get; } = new();

    /// <summary>What decides who is nearer: the round trips, or what a metric of the host's own has said.</summary>
    public RoundTripTable Nearness { get; }

    public PayloadPool Payloads { get; } = new();

    public Suspects Suspects { get; } = new();

    public Obituaries Obituaries { get; }

    public LostPeers LostPeers { get; }

    public ProximityProbes Proximities { get; }

    public NodeCounters Counters { get; } = new();

    /// <summary>Tells whether the leaf set has been probed, so that the node takes part in the ring.</summary>
    public bool IsJoined { get; set; }

    /// <summary>Tells whether the node has lost every other one, and may be what was cut off itself: it serves nobody until it has met others.</summary>
    public bool IsIsolated { get; set; }

    /// <summary>Tells whether the node has said farewell.</summary>
    public bool HasLeft { get; set; }

    /// <summary>The trace that messages which start in this step belong to, or null.</summary>
    public TraceContext? Trace { get; set; }

    public Instant Now { get; private set; }

    public Outbox Output { get; private set; } = null!;

    public ref SeededRandom Random => ref _random;

    /// <summary>Draws a number that goes out to others and tells them nothing of those to come, unlike what <see cref="Random"/> draws.</summary>
    public ulong NextSecret() => _secrets.Next();

    public void BeginStep(Instant now, Outbox output)
    {
        Now = now;
        Output = output;
        Trace = null;
        Payloads.BeginStep();
    }

    public void Send(NodeHandle to, MessageKind kind, uint sequence = 0, ControlBody? body = null)
    {
        Counters.Sent(kind);
        Output.Send(to, Message.Control(kind, sequence, body));
    }

    /// <summary>Makes what others are told of the leaf set; as long as nothing changes, it is the same object.</summary>
    public LeafSetBody DescribeLeafSet()
    {
        var gone = Obituaries.Nodes(Now);
        if (_described is null || gone.Length > 0 || _described.Failed.Length > 0 || !ReferenceEquals(_described.Members, LeafSet.Members))
        {
            _described = new LeafSetBody(LeafSet.Members, gone);
        }

        return _described;
    }

    /// <summary>Gives how near a node is, in milliseconds of a round trip or units of the host's own, or NaN.</summary>
    public float ProximityTo(NodeId id) => Nearness.Mean(id) is var mean && !float.IsNaN(mean) ? mean : Table.Proximity(id);

    /// <summary>Gives the measured round trip to a node in milliseconds, or NaN.</summary>
    public float RoundTripTo(NodeId id) => Nearness == RoundTrips ? ProximityTo(id) : RoundTrips.Mean(id);

    /// <summary>Takes a node that has spoken to us into the table.</summary>
    public void Hear(NodeHandle node) => Table.Consider(node, Nearness.Mean(node.Id), Now);

    /// <summary>Takes a node that others have named into the table, where nobody else is known.</summary>
    public void Learn(NodeHandle node)
    {
        if (!Obituaries.Contains(node, Now))
        {
            Table.Suggest(node);
        }
    }

    public void Learn(ReadOnlySpan<NodeHandle> nodes)
    {
        foreach (var node in nodes)
        {
            Learn(node);
        }
    }

    /// <summary>Takes a measurement that came in passing, with a message that was acknowledged.</summary>
    public void ObserveRoundTrip(NodeHandle node, TimeSpan roundTrip)
    {
        // What a few more measurements change makes nobody nearer than another.
        if (RoundTrips.Observe(node.Id, roundTrip) || ++_observations % ObservationsPerLook == 0)
        {
            Place(node);
        }
    }

    /// <summary>Takes a measurement that was made on purpose.</summary>
    public void MeasureRoundTrip(NodeHandle node, TimeSpan roundTrip)
    {
        RoundTrips.Observe(node.Id, roundTrip);
        Place(node);
    }

    private void Place(NodeHandle node)
    {
        var proximity = Nearness.Mean(node.Id);
        Table.Consider(node, proximity, Now);
        if (Options.NeighborhoodSize > 0 && !float.IsNaN(proximity))
        {
            Neighborhood.Consider(node, proximity);
        }
    }
}
