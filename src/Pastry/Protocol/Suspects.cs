namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers the nodes that failed to answer in time. They are passed over in routing and probed; they are not dead until the probes say
/// so, and any sign of life clears them.
/// </summary>
internal sealed class Suspects
{
    private HashSet<NodeHandle>? _nodes;

    public int Count => _nodes?.Count ?? 0;

    public bool Contains(NodeHandle node) => _nodes is { Count: > 0 } nodes && nodes.Contains(node);

    public bool Add(NodeHandle node) => (_nodes ??= []).Add(node);

    public bool Remove(NodeHandle node) => _nodes is { Count: > 0 } nodes && nodes.Remove(node);
}
