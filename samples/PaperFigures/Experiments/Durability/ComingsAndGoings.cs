using P2P.Past.Simulation;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Durability;

/// <summary>
/// Lets nodes crash when their sessions are over. Of those that do, a part comes back with its disk after a while; new nodes with empty disks come
/// so that as many nodes are up as before, which is in the place of the others.
/// </summary>
/// <param name="archive">The archive.</param>
/// <param name="watch">Counts replicas.</param>
/// <param name="session">The mean session.</param>
/// <param name="absence">The mean time away, of those that come back.</param>
/// <param name="returning">The fraction that comes back.</param>
internal sealed class ComingsAndGoings(VirtualArchive archive, ReplicaWatch watch, TimeSpan session, TimeSpan absence, double returning)
{
    private int _target;
    private int _up;
    private bool _isOver;

    /// <summary>How many sessions have ended.</summary>
    public int Crashes { get; private set; }

    /// <summary>How many nodes have come back with their disk.</summary>
    public int Returns { get; private set; }

    /// <summary>The nodes that are down now and would come back.</summary>
    public HashSet<SimulatedNode> Away { get; } = [];

    public void Start()
    {
        _target = archive.Overlay.Nodes.Count;
        foreach (var node in archive.Overlay.Nodes)
        {
            BeginSession(node);
        }
    }

    /// <summary>Lets everyone stay as they are from now on.</summary>
    public void Stop() => _isOver = true;

    private void BeginSession(SimulatedNode node)
    {
        _up++;
        After(session, () => Crash(node));
    }

    private void Crash(SimulatedNode node)
    {
        Crashes++;
        _up--;
        node.Crash();
        watch.WentDown(archive.DiskOf(node));
        if (NextUniform() < returning)
        {
            Away.Add(node);
            After(absence, () => Return(node));
        }

        if (_up < _target)
        {
            Join(archive.AddNode());
        }
    }

    private void Return(SimulatedNode node)
    {
        Returns++;
        Away.Remove(node);
        archive.Restart(node);
        watch.CameUp(archive.DiskOf(node));
        Join(node);
    }

    private void Join(SimulatedNode node)
    {
        node.Join(archive.AnyNode(), archive.AnyNode());
        BeginSession(node);
    }

    private void After(TimeSpan mean, Action action) => archive.Overlay.Schedule(mean * -Math.Log(NextUniform()), () =>
    {
        if (!_isOver)
        {
            action();
        }
    });

    private double NextUniform() => (archive.Overlay.NextRandom(int.MaxValue - 1) + 1.0) / int.MaxValue;
}
