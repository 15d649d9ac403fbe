using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Remembers nodes for a while, by their short ids: those that did not answer, since a tree can't wait until the overlay has found out who is dead; or those that were
/// left because they did not pass on what they should.
/// </summary>
internal sealed class RememberedNodes(TimeSpan lifetime)
{
    /// <summary>Of more, those whose time is over are forgotten, and if there are none, all.</summary>
    private const int NodesMax = 1024;

    private readonly Dictionary<ulong, Instant> _until = [];

    public void Add(NodeId node, Instant now)
    {
        if (_until.Count >= NodesMax)
        {
            Forget(now);
        }

        _until[GroupState.Shorten(node)] = now + lifetime;
    }

    public bool Contains(NodeId node, Instant now) => Contains(GroupState.Shorten(node), now);

    public void Remove(NodeId node)
    {
        if (_until.Count > 0)
        {
            _until.Remove(GroupState.Shorten(node));
        }
    }

    /// <summary>Tells whether a way up leads over one of them: not whether it ends there, since no way leads around a rendezvous point.</summary>
    public bool IsAnyOn(ReadOnlySpan<ulong> path, Instant now)
    {
        for (var i = 0; i < path.Length - 1; i++)
        {
            if (Contains(path[i], now))
            {
                return true;
            }
        }

        return false;
    }

    private bool Contains(ulong node, Instant now) => _until.Count > 0 && _until.TryGetValue(node, out var until) && now < until;

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
