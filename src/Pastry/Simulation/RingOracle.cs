using P2P.Pastry.Protocol;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Knows what the protocol can only find out: all live nodes, in order. It says who should receive a key and what each leaf set should hold.
/// </summary>
public sealed class RingOracle
{
    private readonly NodeHandle[] _ring;

    /// <summary>Sorts the nodes that are up.</summary>
    public RingOracle(PastrySimulation simulation)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        _ring = [.. simulation.Nodes.Where(node => node.IsUp).Select(node => node.Handle).OrderBy(handle => handle.Id)];
    }

    /// <summary>The live nodes, by id.</summary>
    public IReadOnlyList<NodeHandle> Ring => _ring;

    /// <summary>Gives the live node numerically closest to a key.</summary>
    public NodeHandle Root(NodeId key)
    {
        var after = IndexAfter(key) % _ring.Length;
        var before = (after + _ring.Length - 1) % _ring.Length;
        return _ring[before].Id.IsCloserTo(key, _ring[after].Id) ? _ring[before] : _ring[after];
    }

    /// <summary>Gives the live nodes closest to a key, closest first.</summary>
    public IReadOnlyList<NodeHandle> Closest(NodeId key, int count)
    {
        var closest = new List<NodeHandle>();
        var start = IndexAfter(key);
        for (var offset = 0; offset < Math.Min(count, _ring.Length); offset++)
        {
            Add((start + offset) % _ring.Length);
            Add((start + 2 * _ring.Length - 1 - offset) % _ring.Length);
        }

        closest.Sort(Closeness.To(key));
        return closest.Count > count ? closest[..count] : closest;

        void Add(int index)
        {
            if (!closest.Contains(_ring[index]))
            {
                closest.Add(_ring[index]);
            }
        }
    }

    /// <summary>Lists what is wrong with the leaf sets of the nodes that are up: one line for each that differs from the sorted ring.</summary>
    /// <param name="simulation">The overlay.</param>
    /// <param name="leafSetSize">The nodes' l.</param>
    public IReadOnlyList<string> CheckLeafSets(PastrySimulation simulation, int leafSetSize)
    {
        ArgumentNullException.ThrowIfNull(simulation);
        var faults = new List<string>();
        for (var index = 0; index < _ring.Length; index++)
        {
            var expected = new HashSet<NodeId>();
            for (var offset = 1; offset <= Math.Min(leafSetSize / 2, _ring.Length - 1); offset++)
            {
                expected.Add(_ring[(index + offset) % _ring.Length].Id);
                expected.Add(_ring[(index + _ring.Length - offset) % _ring.Length].Id);
            }

            var node = simulation.Find(_ring[index].Id)!;
            var actual = node.LeafSet.Select(member => member.Id).ToHashSet();
            if (!actual.SetEquals(expected))
            {
                faults.Add($"{node.Handle.Id:s}: lacks [{Show(expected.Except(actual))}], should not have [{Show(actual.Except(expected))}]");
            }
        }

        return faults;

        static string Show(IEnumerable<NodeId> ids) => string.Join(' ', ids.Order().Select(id => $"{id:s}"));
    }

    private int IndexAfter(NodeId key)
    {
        int low = 0, high = _ring.Length;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            (low, high) = _ring[middle].Id < key ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
