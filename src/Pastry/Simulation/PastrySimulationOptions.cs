namespace P2P.Pastry.Simulation;

/// <summary>Sets up a simulated overlay.</summary>
public sealed record PastrySimulationOptions
{
    /// <summary>Where all randomness comes from; default 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>The parameters of the nodes.</summary>
    public PastryOptions Pastry { get; init; } = new();

    /// <summary>How far the hosts are from each other; default: a plane of 100 ms a side.</summary>
    public ITopology? Topology { get; init; }

    /// <summary>True to encode and decode every message, which is slower and finds more; default false: messages pass as objects.</summary>
    public bool ThroughCodec { get; init; }

    /// <summary>
    /// True where a sender learns after a round trip that a host's process is gone, and which direct message it was not sent, as TCP tells it;
    /// default false: crashed hosts are silent.
    /// </summary>
    public bool ReportsPeerDown { get; init; }

    /// <summary>
    /// Tells which hosts would fail together: gives each host, by its number, that of its failure domain, where 0 is none. Default null: no two hosts share one.
    /// </summary>
    public Func<int, ulong>? FailureDomainOf { get; init; }

    /// <summary>Is called for every step that a node takes, with one line that tells it; slow, for traces that people read.</summary>
    public Action<string>? Trace { get; init; }
}
