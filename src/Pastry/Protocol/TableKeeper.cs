using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Fills the routing table and mends it: lazily where an entry has failed (§2.4), and in slow rounds that ask for rows. Of the nodes that
/// rows name for places that are taken, a few are measured, and stay if they are nearer (constrained gossip, MSPastry §4).
/// </summary>
internal sealed class TableKeeper(NodeState state, IRing ring)
{
    /// <summary>How many nodes of one row are measured.</summary>
    private const int MeasuredMax = 4;

    private const int FirstRoundsPerInterval = 32;

    private Deadline _maintenance = new(TimerKind.TableMaintenance);
    private TimeSpan _pause;

    /// <summary>Begins when the node has joined: its table is new, and there is most to gain, so that the first rounds follow closely.</summary>
    public void Start()
    {
        _pause = state.Options.TableMaintenanceInterval / FirstRoundsPerInterval;
        Arm();
    }

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

    public void Receive(NodeHandle from, RowBody body)
    {
        state.Learn(body.Row.Nodes);
        var nodes = body.Row.Nodes;
        var measured = 0;
        var first = nodes.Length == 0 ? 0 : state.Random.Next(nodes.Length);
        for (var i = 0; i < nodes.Length && measured < MeasuredMax; i++)
        {
            if (Measure(nodes[(first + i) % nodes.Length], from))
            {
                measured++;
            }
        }
    }

    /// <summary>Takes a newcomer's row, and looks how near the newcomer is.</summary>
    public void ReceiveAnnouncement(NodeHandle from, RowBody body)
    {
        state.Learn(body.Row.Nodes);
        Measure(from, from);
    }

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

        _pause *= 2;
        Arm();
    }

    private void Arm()
    {
        _pause = _pause < state.Options.TableMaintenanceInterval ? _pause : state.Options.TableMaintenanceInterval;
        _maintenance.Arm(state.Now + state.Random.Jitter(_pause, spread: 0.5), state.Output);
    }

    /// <summary>Measures a node that may be nearer than the one in its place.</summary>
    private bool Measure(NodeHandle node, NodeHandle informant)
    {
        var holder = state.Table.SlotOf(node.Id);
        if (node.Id == state.Self.Id || holder.Node is null || holder.Node.Id == node.Id || state.Obituaries.Contains(node, state.Now))
        {
            return false;
        }

        if (float.IsNaN(holder.Proximity))
        {
            ring.Probe(holder.Node);
        }

        if (state.RoundTrips.Mean(node.Id) >= holder.Proximity)
        {
            return false;
        }

        ring.Probe(node, informant);
        return true;
    }

    private void Ask(NodeHandle[] nodes, int row) =>
        state.Send(nodes[state.Random.Next(nodes.Length)], MessageKind.RowRequest, sequence: 0, new RowRequestBody(row));
}
