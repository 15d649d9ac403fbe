namespace P2P.Pastry.Protocol;

/// <summary>
/// Picks from any number of nodes the few that are closest to a key. A node that is offered twice is taken once.
/// </summary>
internal struct ClosestNodes(NodeId key, int max)
{
    private readonly NodeHandle[] _picked = max > 0 ? new NodeHandle[max] : [];
    private int _count;

    /// <summary>The nodes picked, the closest first.</summary>
    public readonly IReadOnlyList<NodeHandle> Picked => _count == max ? _picked : _picked[.._count];

    public void Offer(NodeHandle node)
    {
        if (_count == max && (max == 0 || !node.Id.IsCloserTo(key, _picked[^1].Id)))
        {
            return;
        }

        int place = 0, end = _count;
        while (place < end)
        {
            var middle = (place + end) >>> 1;
            (place, end) = node.Id.IsCloserTo(key, _picked[middle].Id) ? (place, middle) : (middle + 1, end);
        }

        if (place > 0 && _picked[place - 1].Id == node.Id)
        {
            return;
        }

        _count = Math.Min(_count + 1, max);
        Array.Copy(_picked, place, _picked, place + 1, _count - 1 - place);
        _picked[place] = node;
    }
}
