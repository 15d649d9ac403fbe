using System.Collections.ObjectModel;
using System.Diagnostics;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Holds the l/2 numerically closest nodes on each side (§2.3). In a ring of fewer nodes than that, both sides hold the same ones.
/// </summary>
internal sealed class LeafSet
{
    private readonly NodeId _self;
    private readonly NodeHandle?[] _clockwise;
    private readonly NodeHandle?[] _counterclockwise;
    private int _clockwiseCount;
    private int _counterclockwiseCount;
    private UInt128 _clockwiseReach;
    private UInt128 _counterclockwiseReach;
    private NodeHandle[]? _members;
    private ReadOnlyCollection<NodeHandle>? _byNearness;

    public LeafSet(NodeId self, int size)
    {
        _self = self;
        _clockwise = new NodeHandle?[size / 2];
        _counterclockwise = new NodeHandle?[size / 2];
    }

    /// <summary>Grows with every change.</summary>
    public int Version { get; private set; }

    /// <summary>Tells whether both sides are full and share no node, so that nodes beyond them may exist.</summary>
    public bool IsFull { get; private set; }

    public NodeHandle? Left => _counterclockwiseCount > 0 ? _counterclockwise[0] : null;

    public NodeHandle? Right => _clockwiseCount > 0 ? _clockwise[0] : null;

    public NodeHandle? Leftmost => _counterclockwiseCount > 0 ? _counterclockwise[_counterclockwiseCount - 1] : null;

    public NodeHandle? Rightmost => _clockwiseCount > 0 ? _clockwise[_clockwiseCount - 1] : null;

    public ReadOnlySpan<NodeHandle> Clockwise => Filled(_clockwise, _clockwiseCount);

    public ReadOnlySpan<NodeHandle> Counterclockwise => Filled(_counterclockwise, _counterclockwiseCount);

    /// <summary>Every member once, from the farthest on the left to the farthest on the right. The array is never changed.</summary>
    public NodeHandle[] Members => _members ??= CollectMembers();

    /// <summary>Every member once, the nearest first. The list is never changed.</summary>
    public ReadOnlyCollection<NodeHandle> ByNearness => _byNearness ??= CollectByNearness();

    /// <summary>Tells whether the closest node to the key is a member or the owner, so that routing ends here.</summary>
    public bool Covers(NodeId key) =>
        !IsFull || _self.ClockwiseTo(key) <= _clockwiseReach || key.ClockwiseTo(_self) <= _counterclockwiseReach;

    public bool Contains(NodeId id) => Find(id) is not null;

    public NodeHandle? Find(NodeId id)
    {
        var (side, other) = (_self.ClockwiseTo(id), id.ClockwiseTo(_self));
        if (IsFull && side > _clockwiseReach && other > _counterclockwiseReach)
        {
            // Most of those that are asked for stand elsewhere on the ring.
            return null;
        }

        var index = Search(_clockwise, _clockwiseCount, side, clockwise: true);
        if (index < _clockwiseCount && _clockwise[index]!.Id == id)
        {
            return _clockwise[index];
        }

        index = Search(_counterclockwise, _counterclockwiseCount, other, clockwise: false);
        return index < _counterclockwiseCount && _counterclockwise[index]!.Id == id ? _counterclockwise[index] : null;
    }

    /// <summary>Finds where true members are lacking; of use only while the leaf set is not full.</summary>
    public RingGap FindGap() => RingGap.Among(_self, Members, _clockwise.Length);

    /// <summary>Tells whether a node with this id would find a place.</summary>
    public bool WouldAdmit(NodeId id)
    {
        if (id == _self || Contains(id))
        {
            return false;
        }

        return _clockwiseCount < _clockwise.Length || _counterclockwiseCount < _counterclockwise.Length
            || _self.ClockwiseTo(id) < _clockwiseReach || id.ClockwiseTo(_self) < _counterclockwiseReach;
    }

    /// <summary>Adds a node, or replaces an earlier life of it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="displaced">The nodes that are members no more because of it.</param>
    /// <returns>True where the leaf set changed.</returns>
    public bool Add(NodeHandle node, List<NodeHandle> displaced)
    {
        if (node.Id == _self)
        {
            return false;
        }

        if (Find(node.Id) is { } known)
        {
            return node.Incarnation > known.Incarnation && Replace(known, node);
        }

        var pushedRight = Insert(_clockwise, ref _clockwiseCount, node, clockwise: true, out var right);
        var pushedLeft = Insert(_counterclockwise, ref _counterclockwiseCount, node, clockwise: false, out var left);
        if (!right && !left)
        {
            return false;
        }

        Changed();
        AddIfGone(pushedRight, displaced);
        AddIfGone(pushedLeft, displaced);
        return true;
    }

    public bool Remove(NodeId id)
    {
        var right = Remove(_clockwise, ref _clockwiseCount, id, clockwise: true);
        var left = Remove(_counterclockwise, ref _counterclockwiseCount, id, clockwise: false);
        if (!right && !left)
        {
            return false;
        }

        Refill(_clockwise, ref _clockwiseCount, Counterclockwise);
        Refill(_counterclockwise, ref _counterclockwiseCount, Clockwise);
        Changed();
        return true;
    }

    /// <summary>Finds the member closest to the key, or null where the owner is closer than any.</summary>
    /// <param name="key">A key that <see cref="Covers"/> accepts.</param>
    /// <param name="suspects">Members to pass over.</param>
    public NodeHandle? Closest(NodeId key, Suspects? suspects = null)
    {
        NodeHandle? best = null;
        if (IsFull && suspects is null or { Count: 0 })
        {
            // One side alone covers the key, and not always the one on the shorter way to it: a side may reach around half the ring.
            var clockwise = _self.ClockwiseTo(key);
            best = clockwise <= _clockwiseReach
                ? Nearest(_clockwise, _clockwiseCount, clockwise, key, clockwise: true)
                : Nearest(_counterclockwise, _counterclockwiseCount, key.ClockwiseTo(_self), key, clockwise: false);
        }
        else
        {
            Scan(Clockwise, key, suspects, ref best);
            Scan(Counterclockwise, key, suspects, ref best);
        }

        return best is not null && best.Id.IsCloserTo(key, _self) ? best : null;
    }

    /// <summary>Finds the member closest to the key, whether or not the owner is closer; null where there is none.</summary>
    public NodeHandle? Heir(NodeId key, Suspects suspects)
    {
        NodeHandle? best = null;
        Scan(Clockwise, key, suspects, ref best);
        Scan(Counterclockwise, key, suspects, ref best);
        return best;
    }

    private NodeHandle? Nearest(NodeHandle?[] side, int count, UInt128 distance, NodeId key, bool clockwise)
    {
        var index = Search(side, count, distance, clockwise);
        var beyond = index < count ? side[index] : null;
        var before = index > 0 ? side[index - 1] : null;
        return beyond is null || (before is not null && before.Id.IsCloserTo(key, beyond.Id)) ? before : beyond;
    }

    private static void Scan(ReadOnlySpan<NodeHandle> side, NodeId key, Suspects? suspects, ref NodeHandle? best)
    {
        foreach (var node in side)
        {
            if ((best is null || node.Id.IsCloserTo(key, best.Id)) && suspects?.Contains(node) != true)
            {
                best = node;
            }
        }
    }

    private UInt128 Distance(NodeId id, bool clockwise) => clockwise ? _self.ClockwiseTo(id) : id.ClockwiseTo(_self);

    /// <summary>Finds the first place whose node is at least that far.</summary>
    private int Search(NodeHandle?[] side, int count, UInt128 distance, bool clockwise)
    {
        int low = 0, high = count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Distance(side[middle]!.Id, clockwise) < distance)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private NodeHandle? Insert(NodeHandle?[] side, ref int count, NodeHandle node, bool clockwise, out bool inserted)
    {
        var index = Search(side, count, Distance(node.Id, clockwise), clockwise);
        inserted = index < side.Length;
        if (!inserted)
        {
            return null;
        }

        var pushed = count == side.Length ? side[count - 1] : null;
        count = Math.Min(count + 1, side.Length);
        Array.Copy(side, index, side, index + 1, count - 1 - index);
        side[index] = node;
        return pushed;
    }

    private bool Remove(NodeHandle?[] side, ref int count, NodeId id, bool clockwise)
    {
        var index = Search(side, count, Distance(id, clockwise), clockwise);
        if (index >= count || side[index]!.Id != id)
        {
            return false;
        }

        count--;
        Array.Copy(side, index + 1, side, index, count - index);
        side[count] = null;
        return true;
    }

    /// <summary>
    /// Fills a side that has room from the other: what is farthest that way comes next on this one, once around the ring. In a ring of few
    /// nodes that is true; in a large one these are placeholders, until those in the gap between are found.
    /// </summary>
    private static void Refill(NodeHandle?[] side, ref int count, ReadOnlySpan<NodeHandle> other)
    {
        for (var index = other.Length - 1; index >= 0 && count < side.Length; index--)
        {
            if (Array.IndexOf(side, other[index], 0, count) < 0)
            {
                side[count++] = other[index];
            }
        }
    }

    private bool Replace(NodeHandle known, NodeHandle node)
    {
        Debug.Assert(known.Id == node.Id, "Only another life of the same node replaces one.");
        foreach (var side in (NodeHandle?[][])[_clockwise, _counterclockwise])
        {
            var index = Array.IndexOf(side, known);
            if (index >= 0)
            {
                side[index] = node;
            }
        }

        Changed();
        return true;
    }

    private void Changed()
    {
        Version++;
        _members = null;
        _byNearness = null;
        _clockwiseReach = Rightmost is { } right ? _self.ClockwiseTo(right.Id) : 0;
        _counterclockwiseReach = Leftmost is { } left ? left.Id.ClockwiseTo(_self) : 0;
        // The sides overlap exactly when going out on both of them leads once around the ring.
        IsFull = _clockwiseCount == _clockwise.Length && _counterclockwiseCount == _counterclockwise.Length
            && _clockwiseReach < UInt128.MaxValue - _counterclockwiseReach;
    }

    private void AddIfGone(NodeHandle? pushed, List<NodeHandle> displaced)
    {
        if (pushed is not null && !Contains(pushed.Id))
        {
            displaced.Add(pushed);
        }
    }

    private NodeHandle[] CollectMembers()
    {
        var members = new List<NodeHandle>(_clockwiseCount + _counterclockwiseCount);
        for (var i = _counterclockwiseCount - 1; i >= 0; i--)
        {
            members.Add(_counterclockwise[i]!);
        }

        foreach (var node in Clockwise)
        {
            if (IsFull || !members.Contains(node))
            {
                members.Add(node);
            }
        }

        return [.. members];
    }

    private ReadOnlyCollection<NodeHandle> CollectByNearness()
    {
        NodeHandle[] nearest = [.. Members];
        Array.Sort(nearest, Closeness.To(_self));
        return Array.AsReadOnly(nearest);
    }

    private static ReadOnlySpan<NodeHandle> Filled(NodeHandle?[] side, int count) => side.AsSpan(0, count)!;
}
