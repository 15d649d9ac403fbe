namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers the nodes that failed to answer in time, each in one of its lives. They are passed over in routing and probed; they are not
/// dead until the probes say so, and any sign of life clears them and their earlier lives.
/// </summary>
internal sealed class Suspects
{
    private Dictionary<NodeId, ulong>? _lives;

    public int Count => _lives?.Count ?? 0;

    public bool Contains(NodeHandle node) => _lives is { Count: > 0 } lives && lives.TryGetValue(node.Id, out var life) && life == node.Incarnation;

    public bool Add(NodeHandle node)
    {
        if (Contains(node))
        {
            return false;
        }

        (_lives ??= [])[node.Id] = node.Incarnation;
        return true;
    }

    public bool Remove(NodeHandle node) =>
        _lives is { Count: > 0 } lives && lives.TryGetValue(node.Id, out var life) && life <= node.Incarnation && lives.Remove(node.Id);
}
