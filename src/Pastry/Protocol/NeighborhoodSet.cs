namespace P2P.Pastry.Protocol;

/// <summary>Holds the M nodes nearest by measured proximity (§2.3); it is not used for routing, but newcomers and repair start from it.</summary>
internal sealed class NeighborhoodSet(int capacity)
{
    private readonly List<Neighbor> _nearest = [];

    /// <summary>The nodes, nearest first.</summary>
    public NodeHandle[] Members => [.. _nearest.Select(neighbor => neighbor.Node)];

    /// <summary>Takes a node where it is among the nearest, or corrects what is known of it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="proximity">Its measured round trip in milliseconds.</param>
    public void Consider(NodeHandle node, float proximity)
    {
        var known = _nearest.FindIndex(neighbor => neighbor.Node.Id == node.Id);
        if (known < 0 && _nearest.Count == capacity && proximity >= _nearest[^1].Proximity)
        {
            return;
        }

        if (known >= 0)
        {
            _nearest.RemoveAt(known);
        }

        var place = _nearest.FindIndex(neighbor => proximity < neighbor.Proximity);
        _nearest.Insert(place < 0 ? _nearest.Count : place, new Neighbor(node, proximity));
        if (_nearest.Count > capacity)
        {
            _nearest.RemoveAt(capacity);
        }
    }

    public bool Remove(NodeId id) => _nearest.RemoveAll(neighbor => neighbor.Node.Id == id) > 0;

    private readonly record struct Neighbor(NodeHandle Node, float Proximity);
}
