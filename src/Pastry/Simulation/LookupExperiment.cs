namespace P2P.Pastry.Simulation;

/// <summary>
/// Routes messages to random keys from random nodes of a simulated overlay, and compares where they arrive with where they should. The
/// nodes must carry the application that <see cref="NewApplications"/> makes.
/// </summary>
/// <param name="simulation">The overlay.</param>
public sealed class LookupExperiment(PastrySimulation simulation)
{
    private static readonly PastryApplicationId ProbeId = PastryApplicationId.FromName("p2p/simulation/lookup");

    private readonly long[] _hops = new long[65];
    private RingOracle _oracle = null!;

    /// <summary>How many lookups were started.</summary>
    public long Started { get; private set; }

    /// <summary>How many arrived anywhere.</summary>
    public long Arrived { get; private set; }

    /// <summary>How many arrived at a node that was not the closest to the key when the lookup started.</summary>
    public long Wrong { get; private set; }

    /// <summary>How many arrived after each number of hops.</summary>
    public ReadOnlySpan<long> HopDistribution => _hops;

    /// <summary>The mean number of hops of those that arrived.</summary>
    public double MeanHops
    {
        get
        {
            double sum = 0;
            for (var hops = 0; hops < _hops.Length; hops++)
            {
                sum += (double)hops * _hops[hops];
            }

            return Arrived == 0 ? 0 : sum / Arrived;
        }
    }

    /// <summary>Makes the application that nodes need for this experiment.</summary>
    public static IReadOnlyList<PastryApplication> NewApplications() => [new Probe()];

    /// <summary>Starts lookups spread evenly over a span, then lets the world run until all have arrived or the grace is over.</summary>
    /// <param name="count">How many.</param>
    /// <param name="over">The virtual time in which they start.</param>
    /// <param name="grace">The virtual time that is waited for the last.</param>
    public void Run(int count, TimeSpan over, TimeSpan grace)
    {
        _oracle = new RingOracle(simulation);
        var sources = simulation.ReadyNodes.ToArray();
        foreach (var node in simulation.Nodes)
        {
            if (node.Applications is [Probe probe, ..])
            {
                probe.Experiment = this;
            }
        }

        var begin = Arrived;
        for (var i = 0; i < count; i++)
        {
            simulation.Run(over / count);
            var source = sources[simulation.NextRandom(sources.Length)];
            if (source.IsUp && source.Applications is [Probe application, ..])
            {
                Started++;
                source.Route(application, simulation.NextId(), Payload.Empty);
            }
        }

        simulation.RunUntil(() => Arrived - begin >= count, grace);
    }

    private void Record(NodeHandle at, in RoutedMessage message)
    {
        Arrived++;
        _hops[Math.Min(message.Hops, _hops.Length - 1)]++;
        if (_oracle.Root(message.Key).Id != at.Id)
        {
            Wrong++;
        }
    }

    private sealed class Probe() : PastryApplication(ProbeId)
    {
        public LookupExperiment? Experiment { get; set; }

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay) => Experiment?.Record(overlay.Self, message);
    }
}
