using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>
/// Is what the loop of a node shows to whoever reads its metrics on another thread: the sizes as of the loop's last turn, and the counters as
/// they grow. The loop writes, everybody may read, and nobody waits.
/// </summary>
internal sealed class NodeReadings(PastryMachine machine)
{
    public NodeCounters Counters { get; } = machine.Counters;

    public bool IsReady { get; private set; }

    public int LeafSetSize { get; private set; }

    public int TableSize { get; private set; }

    public int Held { get; private set; }

    public int Underway { get; private set; }

    public int Suspects { get; private set; }

    /// <summary>Is called on the loop, after each of its turns.</summary>
    public void Refresh()
    {
        IsReady = machine.IsReady;
        LeafSetSize = machine.LeafSet.Members.Length;
        TableSize = machine.Table.Count;
        Held = machine.HeldCount;
        Underway = machine.PendingCount;
        Suspects = machine.Suspects.Count;
    }
}
