using P2P.Pastry.Simulation;

namespace P2P.Past.Simulation;

/// <summary>Sets up a simulated archive.</summary>
public sealed record PastSimulationOptions
{
    /// <summary>The overlay: its seed, its network, the parameters of its nodes.</summary>
    public PastrySimulationOptions Overlay { get; init; } = new();

    /// <summary>The parameters of PAST on each node.</summary>
    public PastOptions Past { get; init; } = new();

    /// <summary>The cache of each node; null for none. Default: as on live nodes. What is cached is in memory, and gone with a node's life.</summary>
    public CacheOptions? Cache { get; init; } = new();

    /// <summary>How many bytes of replicas a node's disk holds; default 1 GiB. Disks are in memory, and grow with what they hold.</summary>
    public long CapacityBytes { get; init; } = 1L << 30;

    /// <summary>
    /// Makes what one life of a node keeps its replicas in; to let stores fail or take their time. It is given the disk, which bears to be disposed of:
    /// what it holds is there for the node's next life. What it awaits must be completed by the simulation. Default: the disk itself.
    /// </summary>
    public Func<IReplicaStore, IReplicaStore>? WrapDisk { get; init; }

    /// <summary>Makes what one life of a node keeps cached copies in, for tests that look into it.</summary>
    internal Func<IReplicaStore>? NewCopies { get; init; }
}
