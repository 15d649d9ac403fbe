namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers the nodes that were found dead longer than obituaries do: they may be alive on the other side of a network that was cut in
/// two, and nobody else will ever name them here.
/// </summary>
internal sealed class LostPeers(int capacity)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    // In the order of their ends: all last equally long. Most nodes never lose anybody, and pay nothing for it.
    private OrderedDictionary<NodeId, Lost>? _lost;

    public int Count => _lost?.Count ?? 0;

    public NodeHandle this[int index] => _lost!.GetAt(index).Value.Node;

    public void Add(NodeHandle node, Instant now)
    {
        _lost ??= [];
        _lost.Remove(node.Id);
        if (_lost.Count == capacity)
        {
            _lost.RemoveAt(0);
        }

        _lost.Add(node.Id, new Lost(node, now + Lifetime));
    }

    public void Remove(NodeId id) => _lost?.Remove(id);

    public void Expire(Instant now)
    {
        while (_lost is { Count: > 0 } && _lost.GetAt(0).Value.Until <= now)
        {
            _lost.RemoveAt(0);
        }
    }

    private readonly record struct Lost(NodeHandle Node, Instant Until);
}
