using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Knows which neighbours have failed since the round before, a few of them.</summary>
internal sealed class RecentFailures
{
    private const int Max = 8;

    private List<NodeId> _noted = [];
    private List<NodeId> _ofRound = [];

    public void Note(NodeHandle node, NeighborChange change)
    {
        if (change == NeighborChange.Failed && _noted.Count < Max)
        {
            _noted.Add(node.Id);
        }
    }

    /// <summary>Begins a round, which looks at what has been noted until now.</summary>
    public void Begin()
    {
        (_noted, _ofRound) = (_ofRound, _noted);
        _noted.Clear();
    }

    /// <summary>Tells whether one of the failed was among the holders of a file, so that the last of those who are now has come in its place.</summary>
    public bool Concern(NodeId key, IReadOnlyList<NodeHandle> holders)
    {
        foreach (var failed in _ofRound)
        {
            if (failed.IsCloserTo(key, holders[^1].Id))
            {
                return true;
            }
        }

        return false;
    }
}
