using P2P.Pastry.Simulation;

namespace P2P.Past.Simulation;

/// <summary>Sets up a <see cref="VirtualArchive"/>.</summary>
public sealed record VirtualArchiveOptions
{
    /// <summary>
    /// The overlay: its seed, its network, the parameters of its nodes. Its messages pass as objects: <see cref="PastrySimulationOptions.ThroughCodec"/>
    /// is false, since what nobody has signed can't be written.
    /// </summary>
    public PastrySimulationOptions Overlay { get; init; } = new();

    /// <summary>The parameters of PAST on each node.</summary>
    public PastOptions Past { get; init; } = new();

    /// <summary>The cache of each node; null, which is the default, for none.</summary>
    public CacheOptions? Cache { get; init; }

    /// <summary>How many bytes of content a node's disk holds, where it is not said for a node; default 1 GiB.</summary>
    public long CapacityBytes { get; init; } = 1L << 30;

    /// <summary>How many bits of content a second each node sends to all others together; default without bound.</summary>
    public double UplinkBitsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>How many bits of content a second each node receives from all others together; default without bound.</summary>
    public double DownlinkBitsPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>Is told of each replica that comes to a node's disk, right when it does. It looks, and changes nothing.</summary>
    public Action<SimulatedNode, VirtualFile>? ReplicaStored { get; init; }

    /// <summary>Is told of each replica that a node gives up. Those of a node that crashes are still on its disk, and not told of.</summary>
    public Action<SimulatedNode, VirtualFile>? ReplicaDropped { get; init; }

    /// <exception cref="PastException">An option is outside of its range.</exception>
    internal void Validate()
    {
        Past.Validate();
        Cache?.Validate();
        PastException.Require(!Overlay.ThroughCodec, $"{nameof(Overlay)}.{nameof(Overlay.ThroughCodec)}", Overlay.ThroughCodec, "false: nothing virtual can be written");
        PastException.Require(CapacityBytes >= 0, nameof(CapacityBytes), CapacityBytes, "0 or more");
        PastException.Require(UplinkBitsPerSecond > 0, nameof(UplinkBitsPerSecond), UplinkBitsPerSecond, "more than 0");
        PastException.Require(DownlinkBitsPerSecond > 0, nameof(DownlinkBitsPerSecond), DownlinkBitsPerSecond, "more than 0");
    }
}
