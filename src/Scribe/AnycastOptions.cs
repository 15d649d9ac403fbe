using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Says in whose name a member of a group is asked.</summary>
public sealed record AnycastOptions
{
    /// <summary>Who signs the request; default the node's own key.</summary>
    public ISigner? Author { get; init; }

    /// <summary>What allows it to publish, where that needs an invitation.</summary>
    public GroupCapability? Capability { get; init; }
}
