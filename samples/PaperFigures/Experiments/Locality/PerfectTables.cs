using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Locality;

/// <summary>
/// Is the oracle of an experiment with distances: it knows every node, and so which one stands nearest in each slot of a perfect routing
/// table, and how a message would go if all tables were so.
/// </summary>
internal sealed class PerfectTables
{
    private readonly ITopology _topology;
    private readonly int _bitsPerDigit;
    private readonly int _side;
    private readonly NodeId[] _ids;
    private readonly int[] _hosts;

    public PerfectTables(PastrySimulation simulation)
    {
        _topology = simulation.Network.Topology;
        _bitsPerDigit = simulation.Options.BitsPerDigit;
        SimulatedNode[] ring = [.. simulation.Nodes.Where(node => node.IsUp).OrderBy(node => node.Handle.Id)];
        _ids = [.. ring.Select(node => node.Handle.Id)];
        _hosts = [.. ring.Select(node => node.Host)];
        _side = Math.Min(simulation.Options.LeafSetSize / 2, (ring.Length - 1) / 2);
    }

    /// <summary>Adds up the way of a message along perfect tables, in seconds; 0 where it stays where it is.</summary>
    /// <param name="from">The id of the node where it starts.</param>
    /// <param name="key">Where it goes.</param>
    /// <param name="direct">How far the node that it reaches is from where it starts, in seconds.</param>
    public double Walk(NodeId from, NodeId key, out double direct)
    {
        var start = IndexOf(from);
        var root = RootOf(key);
        var (at, seconds) = (start, 0.0);
        while (at != root)
        {
            var next = NextHop(at, key, root);
            seconds += Delay(at, next);
            at = next;
        }

        direct = Delay(start, root);
        return seconds;
    }

    /// <summary>Finds how near the nearest node for a slot is, in seconds.</summary>
    /// <param name="owner">Whose table it is.</param>
    /// <param name="row">How many digits the node in the slot shares with the owner.</param>
    /// <param name="column">Its next digit.</param>
    /// <returns>Infinity where there is no node for the slot.</returns>
    public double Nearest(NodeId owner, int row, int column)
    {
        var at = IndexOf(owner);
        var shift = NodeId.BitLength - _bitsPerDigit * (row + 1);
        var prefix = (owner.Value >> shift >> _bitsPerDigit << _bitsPerDigit | (UInt128)column) << shift;
        var nearest = NearestIn(at, new NodeId(prefix), row + 1);
        return nearest < 0 ? double.PositiveInfinity : Delay(at, nearest);
    }

    /// <summary>Gives the distance between two nodes, in seconds.</summary>
    public double Delay(NodeId from, NodeId to) => Delay(IndexOf(from), IndexOf(to));

    private int NextHop(int at, NodeId key, int root)
    {
        // The leaf set reaches so many places to either side; a perfect one knows all of them.
        var steps = Math.Abs(at - root);
        if (Math.Min(steps, _ids.Length - steps) <= _side)
        {
            return root;
        }

        var row = _ids[at].SharedDigits(key, _bitsPerDigit);
        var nearest = NearestIn(at, key, row + 1);
        return nearest >= 0 ? nearest : root;
    }

    /// <summary>Finds the nearest node whose id begins with so many digits of another.</summary>
    private int NearestIn(int at, NodeId prefix, int digits)
    {
        var bits = Math.Min(128, digits * _bitsPerDigit);
        var rest = bits == 128 ? UInt128.Zero : UInt128.MaxValue >> bits;
        var first = IndexAfter(new NodeId(prefix.Value & ~rest));
        var (best, nearest) = (-1, double.PositiveInfinity);
        for (var i = first; i < _ids.Length && _ids[i].Value <= (prefix.Value | rest); i++)
        {
            var delay = i == at ? double.PositiveInfinity : Delay(at, i);
            (best, nearest) = delay < nearest ? (i, delay) : (best, nearest);
        }

        return best;
    }

    private int RootOf(NodeId key)
    {
        var after = IndexAfter(key) % _ids.Length;
        var before = (after + _ids.Length - 1) % _ids.Length;
        return _ids[before].IsCloserTo(key, _ids[after]) ? before : after;
    }

    private double Delay(int from, int to) => _topology.Delay(_hosts[from], _hosts[to]).TotalSeconds;

    private int IndexOf(NodeId id) => Array.BinarySearch(_ids, id);

    private int IndexAfter(NodeId id)
    {
        var index = Array.BinarySearch(_ids, id);
        return index < 0 ? ~index : index;
    }
}
