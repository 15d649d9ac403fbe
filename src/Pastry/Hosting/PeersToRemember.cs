using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>
/// Chooses whom a node should ask first if it came back and found its bootstraps gone: those that live, neighbours and nodes from all over the
/// ring in turn, and of each host one before the others; then those that it has lost.
/// </summary>
internal static class PeersToRemember
{
    /// <summary>Gives the peers, the first to ask in front; none where the node is alone, and knows nothing better than what it remembers already.</summary>
    public static NodeHandle[] Of(PastryMachine machine)
    {
        var entries = Enumerable.Range(0, machine.Table.RowCount)
            .SelectMany(row => machine.Table.Row(row))
            .Where(node => machine.Table.HasSpoken(node.Id));
        var living = InTurn(machine.LeafSet.Members, entries).DistinctBy(node => node.Id).ToArray();
        if (living.Length == 0)
        {
            return [];
        }

        // Nodes of one host are gone together.
        var spread = living
            .GroupBy(node => node.FailureDomain)
            .SelectMany(host => host.Select((node, turn) => (Node: node, Turn: turn)))
            .OrderBy(entry => entry.Turn)
            .Select(entry => entry.Node);
        var lost = Enumerable.Range(0, machine.LostPeers.Count).Select(index => machine.LostPeers[index]).Reverse();
        return [.. spread.Concat(lost).DistinctBy(node => node.Id).Take(IPeerMemory.PeersMax)];
    }

    private static IEnumerable<NodeHandle> InTurn(IEnumerable<NodeHandle> neighbors, IEnumerable<NodeHandle> others) =>
        neighbors.Select((node, turn) => (Node: node, Turn: turn))
            .Concat(others.Select((node, turn) => (Node: node, Turn: turn)))
            .OrderBy(entry => entry.Turn)
            .Select(entry => entry.Node);
}
