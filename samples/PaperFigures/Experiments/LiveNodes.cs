using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments;

/// <summary>Knows which nodes are up, in the order of the ring, while they come and go: the oracle of an experiment with churn.</summary>
internal sealed class LiveNodes
{
    private readonly List<SimulatedNode> _ring = [];

    public int Count => _ring.Count;

    public SimulatedNode this[int index] => _ring[index];

    public void Add(SimulatedNode node) => _ring.Insert(PlaceOf(node.Handle.Id), node);

    public void Remove(SimulatedNode node) => _ring.Remove(node);

    /// <summary>Finds the ready node closest to a key.</summary>
    public SimulatedNode? Root(NodeId key)
    {
        var place = PlaceOf(key);
        SimulatedNode? best = null;
        // The closest ready one on either side; one of them is it.
        for (var step = 0; step < _ring.Count; step++)
        {
            if (Consider(place + step))
            {
                break;
            }
        }

        for (var step = 1; step <= _ring.Count; step++)
        {
            if (Consider(place - step))
            {
                break;
            }
        }

        return best;

        bool Consider(int index)
        {
            var node = _ring[(index % _ring.Count + _ring.Count) % _ring.Count];
            if (!node.IsReady)
            {
                return false;
            }

            best = best is null || node.Handle.Id.IsCloserTo(key, best.Handle.Id) ? node : best;
            return true;
        }
    }

    private int PlaceOf(NodeId id)
    {
        int low = 0, high = _ring.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _ring[middle].Handle.Id.CompareTo(id) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
