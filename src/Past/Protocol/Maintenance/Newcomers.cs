using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Knows which neighbours have come so short a time ago that those before them still hold what they should. It takes no more memory than the leaf set.
/// </summary>
/// <param name="lifetime">How long a node counts as new.</param>
internal sealed class Newcomers(TimeSpan lifetime)
{
    private readonly Dictionary<NodeId, Instant> _since = [];

    /// <summary>Notes that a node came into the leaf set or went from it.</summary>
    public void Note(NodeHandle node, NeighborChange change, Instant now)
    {
        if (change is NeighborChange.Joined or NeighborChange.Restarted)
        {
            _since[node.Id] = now;
        }
        else
        {
            _since.Remove(node.Id);
        }
    }

    public bool Contains(NodeHandle node, Instant now) => _since.TryGetValue(node.Id, out var since) && now < since + lifetime;
}
