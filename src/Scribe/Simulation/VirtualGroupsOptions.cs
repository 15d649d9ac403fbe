using P2P.Pastry.Simulation;

namespace P2P.Scribe.Simulation;

/// <summary>Sets up a <see cref="VirtualGroups"/> world.</summary>
public sealed record VirtualGroupsOptions
{
    /// <summary>The overlay: its seed, its network, the parameters of its nodes. Messages pass as objects.</summary>
    public PastrySimulationOptions Overlay { get; init; } = new();

    /// <summary>The parameters of SCRIBE on each node.</summary>
    public ScribeOptions Scribe { get; init; } = new();

    /// <summary>Is told of each message that a member gets, right when it does. It looks, and changes nothing.</summary>
    public Action<SimulatedNode, VirtualDelivery>? Delivered { get; init; }
}
