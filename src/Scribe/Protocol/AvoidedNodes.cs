using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Remembers for a while who did not answer. The overlay finds out by itself who is dead, but a tree can't wait for that: it goes around, and whoever is
/// heard of again counts again at once.
/// </summary>
internal sealed class AvoidedNodes
{
    private const int NodesMax = 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(20);

    private readonly Dictionary<NodeId, Instant> _until = [];

    public void Add(NodeId node, Instant now)
    {
        if (_until.Count >= NodesMax)
        {
            Forget(now);
        }

        _until[node] = now + Lifetime;
    }

    public bool Contains(NodeId node, Instant now) => _until.Count > 0 && _until.TryGetValue(node, out var until) && now < until;

    public void Remove(NodeId node)
    {
        if (_until.Count > 0)
        {
            _until.Remove(node);
        }
    }

    private void Forget(Instant now)
    {
        foreach (var (node, _) in _until.Where(entry => entry.Value <= now).ToArray())
        {
            _until.Remove(node);
        }

        if (_until.Count >= NodesMax)
        {
            _until.Clear();
        }
    }
}
