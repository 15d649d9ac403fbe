using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Is what a node is in the tree of one group, at one moment.</summary>
public sealed record GroupSnapshot
{
    /// <summary>The group.</summary>
    public required GroupId Group { get; init; }

    /// <summary>Its textual name; null as long as the node has not heard of it.</summary>
    public required string? Name { get; init; }

    /// <summary>Whether the node is the group's rendezvous point.</summary>
    public required bool IsRendezvousPoint { get; init; }

    /// <summary>Whether it hangs in the tree: what is multicast reaches it.</summary>
    public required bool IsAttached { get; init; }

    /// <summary>How many memberships its users have; a node without any only forwards.</summary>
    public required int MembershipCount { get; init; }

    /// <summary>Who is above it; null at the rendezvous point, and where it looks for a parent.</summary>
    public required NodeHandle? Parent { get; init; }

    /// <summary>How many hops it is below the rendezvous point, as its parent says.</summary>
    public required int Depth { get; init; }

    /// <summary>Who is below it.</summary>
    public required IReadOnlyList<NodeHandle> Children { get; init; }

    /// <summary>The place of the last ordered batch, without a hole before it; where messages crawl, of the author that is farthest.</summary>
    public required GroupPosition Last { get; init; }
}
