using System.Collections.Immutable;
using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>Collects what a machine knows of other nodes, for a snapshot.</summary>
internal sealed class PeerView(PastryMachine machine)
{
    public ImmutableArray<PeerSnapshot> Show(ReadOnlySpan<NodeHandle> nodes)
    {
        var shown = ImmutableArray.CreateBuilder<PeerSnapshot>(nodes.Length);
        foreach (var node in nodes)
        {
            var cell = machine.Table.SlotOf(node.Id);
            shown.Add(Show(node, node.Equals(cell.Node) ? cell : default));
        }

        return shown.MoveToImmutable();
    }

    public ImmutableArray<TableRowSnapshot> ShowTable()
    {
        var rows = ImmutableArray.CreateBuilder<TableRowSnapshot>();
        for (var row = 0; row < machine.Table.RowCount; row++)
        {
            var nodes = ImmutableArray.CreateBuilder<PeerSnapshot>();
            foreach (ref readonly var cell in machine.Table.Slots(row))
            {
                if (cell.Node is { } node)
                {
                    nodes.Add(Show(node, cell));
                }
            }

            if (nodes.Count > 0)
            {
                rows.Add(new TableRowSnapshot(row, nodes.ToImmutable()));
            }
        }

        return rows.ToImmutable();
    }

    public ImmutableArray<PeerSnapshot> ShowSuspects() => Show([.. machine.Suspects.All.OrderBy(node => node.Id)]);

    private PeerSnapshot Show(NodeHandle node, in RoutingTable.Cell cell)
    {
        var mean = machine.RoundTrips.Mean(node.Id);
        var milliseconds = !float.IsNaN(mean) ? mean : cell.Node is null ? float.NaN : cell.Proximity;
        return new PeerSnapshot
        {
            Node = node,
            RoundTrip = float.IsNaN(milliseconds) ? null : TimeSpan.FromMilliseconds(milliseconds),
            HeardAt = cell.HasSpoken ? Instant.Zero + TimeSpan.FromSeconds(cell.HeardAt - 1) : null,
            IsSuspected = machine.IsSuspected(node),
        };
    }
}
