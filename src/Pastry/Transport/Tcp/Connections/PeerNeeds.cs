namespace P2P.Pastry.Transport.Tcp;

/// <summary>Tells how much the nodes of this host need a peer; the higher, the more.</summary>
internal enum PeerNeed
{
    /// <summary>No node has said that it needs it.</summary>
    None,

    /// <summary>A node routes over it.</summary>
    Known,

    /// <summary>It is a node's neighbour on the ring.</summary>
    Neighbor,
}

/// <summary>Keeps which peers the nodes of this host need, as each of them has said last.</summary>
internal sealed class PeerNeeds
{
    /// <summary>What a node names beyond it is not kept: as much as the fullest tables hold in a ring of millions.</summary>
    public const int PeersPerNodeMax = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<int, (NodeId[] Neighbors, NodeId[] Known)> _said = [];
    private readonly Dictionary<NodeId, Count> _counts = [];

    /// <summary>How many peers are needed at all.</summary>
    public int Peers
    {
        get
        {
            lock (_gate)
            {
                return _counts.Count;
            }
        }
    }

    /// <summary>Takes what a node says in the place of what it said before.</summary>
    public void Set(int node, IEnumerable<NodeHandle> neighbors, IEnumerable<NodeHandle> known)
    {
        NodeId[] first = [.. neighbors.Take(PeersPerNodeMax).Select(peer => peer.Id)];
        NodeId[] others = [.. known.Take(PeersPerNodeMax - first.Length).Select(peer => peer.Id)];
        lock (_gate)
        {
            Forget(node);
            _said[node] = (first, others);
            Add(first, new Count(1, 0));
            Add(others, new Count(0, 1));
        }
    }

    /// <summary>Forgets what a node said that no longer lives here.</summary>
    public void Remove(int node)
    {
        lock (_gate)
        {
            Forget(node);
        }
    }

    /// <summary>Tells how much a peer is needed by the node that needs it most.</summary>
    public PeerNeed Of(NodeId peer)
    {
        lock (_gate)
        {
            return !_counts.TryGetValue(peer, out var count) ? PeerNeed.None : count.Neighbors > 0 ? PeerNeed.Neighbor : PeerNeed.Known;
        }
    }

    private void Forget(int node)
    {
        if (_said.Remove(node, out var said))
        {
            Add(said.Neighbors, new Count(-1, 0));
            Add(said.Known, new Count(0, -1));
        }
    }

    private void Add(NodeId[] peers, Count change)
    {
        foreach (var peer in peers)
        {
            var count = _counts.GetValueOrDefault(peer);
            count = new Count(count.Neighbors + change.Neighbors, count.Known + change.Known);
            if (count == default)
            {
                _counts.Remove(peer);
            }
            else
            {
                _counts[peer] = count;
            }
        }
    }

    private readonly record struct Count(int Neighbors, int Known);
}
