namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers the nodes that failed to answer in time, each in one of its lives. They are passed over in routing and probed; they are not
/// dead until the probes say so, and any sign of life clears them and their earlier lives.
/// </summary>
internal sealed class Suspects
{
    private Dictionary<NodeId, NodeHandle>? _nodes;

    public int Count => _nodes?.Count ?? 0;

    /// <summary>The nodes, in no order.</summary>
    public IReadOnlyCollection<NodeHandle> All => _nodes is null ? [] : _nodes.Values;

    public bool Contains(NodeHandle node) =>
        _nodes is { Count: > 0 } nodes && nodes.TryGetValue(node.Id, out var suspect) && suspect.Incarnation == node.Incarnation;

    public bool Add(NodeHandle node)
    {
        if (Contains(node))
        {
            return false;
        }

        (_nodes ??= [])[node.Id] = node;
        return true;
    }

    public bool Remove(NodeHandle node) =>
        _nodes is { Count: > 0 } nodes && nodes.TryGetValue(node.Id, out var suspect) && suspect.Incarnation <= node.Incarnation && nodes.Remove(node.Id);
}
