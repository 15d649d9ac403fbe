using P2P.Past;
using P2P.Pastry;
using P2P.Scribe;

namespace QuickStart.Ring;

/// <summary>The settings of the tour: a ring so small that a real one's settings would hide what happens.</summary>
internal static class RingDefaults
{
    /// <summary>Replicas of each file.</summary>
    public const int Replicas = 3;

    public const int NodesMin = 6;

    public const int NodesMax = 64;

    /// <summary>
    /// Small leaf sets and digits of two bits, so that messages travel over several hops among twelve nodes; and short times, so that a
    /// crash is noticed within seconds.
    /// </summary>
    public static readonly PastryOptions Pastry = new()
    {
        BitsPerDigit = 2,
        LeafSetSize = 8,
        NeighborhoodSize = 8,
        HeartbeatInterval = TimeSpan.FromSeconds(1),
        LeaseDuration = TimeSpan.FromSeconds(4),
        ProbeTimeout = TimeSpan.FromSeconds(1),
        LeafSetExchangeInterval = TimeSpan.FromSeconds(5),
    };

    public static readonly PastOptions Past = new() { MaintenanceInterval = TimeSpan.FromSeconds(10) };

    /// <summary>Few children a node, so that the tree of a dozen members has more than one level; and as many keepers of its state as of a file.</summary>
    public static readonly ScribeOptions Scribe = new() { ChildrenMax = 3, ReplicaCount = Replicas };
}
