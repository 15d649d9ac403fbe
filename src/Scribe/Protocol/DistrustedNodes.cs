using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Remembers for a while which parents were left because they did not pass on what they should, whatever they say meanwhile.</summary>
internal sealed class DistrustedNodes
{
    private const int NodesMax = 1024;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly Dictionary<ulong, Instant> _until = [];

    public void Add(NodeId node, Instant now)
    {
        if (_until.Count >= NodesMax)
        {
            _until.Clear();
        }

        _until[GroupState.Shorten(node)] = now + Lifetime;
    }

    public bool Contains(NodeId node, Instant now) => Contains(GroupState.Shorten(node), now);

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
}
