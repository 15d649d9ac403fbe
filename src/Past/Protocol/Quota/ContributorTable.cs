using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Knows who contributes how much for whom, and who of them lies where on the ring.</summary>
internal sealed class ContributorTable
{
    private readonly Dictionary<NodeId, Contribution> _contributions = [];
    private readonly Dictionary<Hash256, long> _supplied = [];
    private readonly List<NodeId> _ring = [];
    private readonly SortedSet<(DateTimeOffset ExpiresAt, NodeId Node)> _byExpiry = [];

    /// <summary>How many words of nodes are remembered, those of nodes that have withdrawn among them.</summary>
    public int Count => _contributions.Count;

    /// <summary>How many nodes contribute.</summary>
    public int ContributorCount => _ring.Count;

    public long TotalBytes { get; private set; }

    public long SuppliedTo(Hash256 account) => _supplied.GetValueOrDefault(account);

    public Contribution? Find(NodeId node) => _contributions.GetValueOrDefault(node);

    /// <summary>Enters a node's word in the place of an earlier one.</summary>
    public void Set(Contribution contribution)
    {
        Remove(contribution.Node);
        _contributions.Add(contribution.Node, contribution);
        _byExpiry.Add((contribution.ExpiresAt, contribution.Node));
        Supply(contribution.Account, contribution.CapacityBytes);
        if (contribution.CapacityBytes > 0)
        {
            _ring.Insert(~_ring.BinarySearch(contribution.Node), contribution.Node);
        }
    }

    /// <summary>Removes a word that has not been renewed in time.</summary>
    /// <returns>False where none is left to be removed.</returns>
    public bool TryExpire(DateTimeOffset now, [NotNullWhen(true)] out Contribution? expired)
    {
        var isDue = _byExpiry.Count > 0 && _byExpiry.Min.ExpiresAt <= now;
        expired = isDue ? _contributions[_byExpiry.Min.Node] : null;
        if (expired is not null)
        {
            Remove(expired.Node);
        }

        return isDue;
    }

    /// <summary>Gives the contributors that are closest to a key, at most so many.</summary>
    public HashSet<NodeId> ClosestTo(NodeId key, int max)
    {
        var closest = new HashSet<NodeId>();
        var place = _ring.BinarySearch(key);
        var right = place < 0 ? ~place : place;
        var left = right - 1;
        while (closest.Count < Math.Min(max, _ring.Count))
        {
            var (before, after) = (At(left), At(right));
            if (after.IsCloserTo(key, before))
            {
                closest.Add(after);
                right++;
            }
            else
            {
                closest.Add(before);
                left--;
            }
        }

        return closest;
    }

    private NodeId At(int place) => _ring[(place % _ring.Count + _ring.Count) % _ring.Count];

    private void Remove(NodeId node)
    {
        if (_contributions.Remove(node, out var contribution))
        {
            _byExpiry.Remove((contribution.ExpiresAt, node));
            Supply(contribution.Account, -contribution.CapacityBytes);
            if (contribution.CapacityBytes > 0)
            {
                _ring.RemoveAt(_ring.BinarySearch(node));
            }
        }
    }

    private void Supply(Hash256 account, long bytes)
    {
        TotalBytes += bytes;
        ref var supplied = ref CollectionsMarshal.GetValueRefOrAddDefault(_supplied, account, out _);
        supplied += bytes;
        if (supplied == 0)
        {
            _supplied.Remove(account);
        }
    }
}
