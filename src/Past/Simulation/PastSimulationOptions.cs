using P2P.Pastry.Simulation;

namespace P2P.Past.Simulation;

/// <summary>Sets up a simulated archive.</summary>
public sealed record PastSimulationOptions
{
    /// <summary>The overlay: its seed, its network, the parameters of its nodes.</summary>
    public PastrySimulationOptions Overlay { get; init; } = new();

    /// <summary>The parameters of PAST on each node.</summary>
    public PastOptions Past { get; init; } = new();

    /// <summary>How many bytes of replicas a node's disk holds; default 1 GiB. Disks are in memory, and grow with what they hold.</summary>
    public long CapacityBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Makes what a node keeps its replicas in, from the disk that outlives the node's crashes; to let stores fail. What it awaits must be
    /// completed by the simulation. Default: the disk itself.
    /// </summary>
    public Func<MemoryReplicaStore, IReplicaStore>? WrapDisk { get; init; }
}
