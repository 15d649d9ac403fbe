using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>Fills the routing table and mends it: lazily where an entry has failed (§2.4), and in slow rounds that ask for rows.</summary>
internal sealed class TableKeeper(NodeState state)
{
    private Deadline _maintenance = new(TimerKind.TableMaintenance);

    public void Start() =>
        _maintenance.Arm(state.Now + state.Random.Jitter(state.Options.TableMaintenanceInterval, spread: 0.5), state.Output);

    /// <summary>Shows each row to the nodes in it, so that they learn of this node and of each other.</summary>
    public void Announce()
    {
        for (var row = 0; row < state.Table.RowCount; row++)
        {
            var nodes = state.Table.Row(row);
            var body = new RowBody(new TableRow(row, nodes));
            foreach (var node in nodes)
            {
                state.Send(node, MessageKind.RowAnnouncement, sequence: 0, body);
            }
        }
    }

    public void ReceiveRequest(NodeHandle from, RowRequestBody body) =>
        state.Send(from, MessageKind.RowReply, sequence: 0, new RowBody(new TableRow(body.Row, state.Table.Row(body.Row))));

    public void Receive(RowBody body) => state.Learn(body.Row.Nodes);

    /// <summary>Asks another node of the row, or of the next one, for a node in the place of one that has gone.</summary>
    public void Repair(int row)
    {
        for (var source = row; source < state.Table.RowCount; source++)
        {
            if (state.Table.Row(source) is { Length: > 0 } nodes)
            {
                Ask(nodes, row);
                return;
            }
        }
    }

    public void Expire(TimerKey timer)
    {
        if (!_maintenance.TryTake(timer) || state.HasLeft)
        {
            return;
        }

        for (var row = 0; row < state.Table.RowCount; row++)
        {
            if (state.Table.Row(row) is { Length: > 0 } nodes)
            {
                Ask(nodes, row);
            }
        }

        Start();
    }

    private void Ask(NodeHandle[] nodes, int row) =>
        state.Send(nodes[state.Random.Next(nodes.Length)], MessageKind.RowRequest, sequence: 0, new RowRequestBody(row));
}
