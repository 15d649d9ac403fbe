namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers the nodes that were found dead longer than obituaries do: they may be alive on the other side of a network that was cut in
/// two, and nobody else will ever name them here.
/// </summary>
internal sealed class LostPeers(int capacity)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(1);

    private List<Lost>? _lost;

    public int Count => _lost?.Count ?? 0;

    public NodeHandle this[int index] => _lost![index].Node;

    public void Add(NodeHandle node, Instant now)
    {
        Remove(node.Id);
        _lost ??= [];
        if (_lost.Count == capacity)
        {
            _lost.RemoveAt(0);
        }

        _lost.Add(new Lost(node, now + Lifetime));
    }

    public void Remove(NodeId id)
    {
        if (_lost is { Count: > 0 } lost)
        {
            lost.RemoveAll(entry => entry.Node.Id == id);
        }
    }

    public void Expire(Instant now) => _lost?.RemoveAll(entry => entry.Until <= now);

    private readonly record struct Lost(NodeHandle Node, Instant Until);
}
