namespace P2P.Pastry.Protocol;

/// <summary>Holds the M nodes nearest by measured proximity (§2.3); it is not used for routing, but newcomers and repair start from it.</summary>
internal sealed class NeighborhoodSet(int capacity)
{
    private NodeHandle[] _nodes = [];
    private float[] _proximities = [];
    private int _count;

    /// <summary>The nodes, nearest first; valid until the next change.</summary>
    public ReadOnlySpan<NodeHandle> Members => _nodes.AsSpan(0, _count);

    /// <summary>Takes a node where it is among the nearest, or corrects what is known of it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="proximity">Its measured round trip in milliseconds.</param>
    public void Consider(NodeHandle node, float proximity)
    {
        var isKnown = Remove(node.Id);
        if (!isKnown && (capacity == 0 || (_count == capacity && proximity >= _proximities[_count - 1])))
        {
            return;
        }

        var place = 0;
        while (place < _count && _proximities[place] <= proximity)
        {
            place++;
        }

        MakeRoom();
        Array.Copy(_nodes, place, _nodes, place + 1, _count - 1 - place);
        Array.Copy(_proximities, place, _proximities, place + 1, _count - 1 - place);
        _nodes[place] = node;
        _proximities[place] = proximity;
    }

    public bool Remove(NodeId id)
    {
        var index = 0;
        while (index < _count && _nodes[index].Id != id)
        {
            index++;
        }

        if (index == _count)
        {
            return false;
        }

        _count--;
        Array.Copy(_nodes, index + 1, _nodes, index, _count - index);
        Array.Copy(_proximities, index + 1, _proximities, index, _count - index);
        _nodes[_count] = null!;
        return true;
    }

    /// <summary>Counts one more, for which the farthest gives way where all places are taken.</summary>
    private void MakeRoom()
    {
        if (_count == capacity)
        {
            return;
        }

        if (_count == _nodes.Length)
        {
            var size = Math.Min(Math.Max(4, _count * 2), capacity);
            Array.Resize(ref _nodes, size);
            Array.Resize(ref _proximities, size);
        }

        _count++;
    }
}
