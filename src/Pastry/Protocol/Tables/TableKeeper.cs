using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Fills the routing table and mends it: lazily where an entry has failed (§2.4), and in slow rounds that ask for rows. Of the nodes that
/// rows name for places that are taken, a few are measured, and stay if they are nearer (constrained gossip, MSPastry §4).
/// </summary>
internal sealed class TableKeeper(NodeState state, IRing ring)
{
    /// <summary>How many nodes of one row are measured.</summary>
    private const int MeasuredMax = 6;

    private const int FirstRoundsPerInterval = 32;

    private Deadline _maintenance = new(TimerKind.TableMaintenance);
    private TimeSpan _pause;
    private bool _isAnnounced;

    /// <summary>Begins when the node has joined: its table is new, and there is most to gain, so that the first rounds follow closely.</summary>
    public void Start()
    {
        _pause = state.Options.TableMaintenanceInterval / FirstRoundsPerInterval;
        _isAnnounced = false;
        Arm();
    }

    /// <summary>Gives a row, or the last one where there is none of that number.</summary>
    public void ReceiveRequest(NodeHandle from, RowRequestBody body) =>
        state.Send(from, MessageKind.RowReply, sequence: 0, Describe(Math.Max(0, Math.Min(body.Row, state.Table.RowCount - 1))));

    public void Receive(NodeHandle from, RowBody body)
    {
        state.Learn(body.Row.Nodes);
        if (state.IsJoined)
        {
            MeasureSome(from, body, MeasuredMax);
        }
    }

    private void MeasureSome(NodeHandle from, RowBody body, int max)
    {
        var nodes = body.Row.Nodes;
        // The nearest to the one that names them come first: it is near itself.
        var toInformant = state.ProximityTo(from.Id);
        var candidates = new List<(float Proximity, NodeHandle Node)>();
        for (var i = 0; i < nodes.Length; i++)
        {
            if (MayBeNearer(nodes[i], toInformant, body.ProximityOf(i)))
            {
                candidates.Add((float.IsNaN(body.ProximityOf(i)) ? float.MaxValue : body.ProximityOf(i), nodes[i]));
            }
        }

        candidates.Sort((left, right) => left.Proximity.CompareTo(right.Proximity));
        foreach (var (_, node) in candidates.Take(max))
        {
            state.Proximities.Start(node);
        }
    }

    /// <summary>Takes a newcomer's row, and looks how near the newcomer is where it may be nearer than the node in its place.</summary>
    public void ReceiveAnnouncement(NodeHandle from, RowBody body)
    {
        state.Learn(body.Row.Nodes);
        var self = Array.FindIndex(body.Row.Nodes, node => node.Id == state.Self.Id);
        var proximity = self < 0 ? float.NaN : body.ProximityOf(self);
        if (MayBeNearer(from, toInformant: float.NaN, float.NaN) && !(proximity >= state.Table.SlotOf(from.Id).Proximity))
        {
            // It has just spoken: a connection is there.
            ring.Probe(from);
        }

        if (state.IsJoined)
        {
            MeasureSome(from, body, 2);
        }
    }

    /// <summary>Takes how near a node is; one that is nearer than the node in its place gets it when it has answered itself.</summary>
    public void Measured(NodeHandle node, float proximity)
    {
        if (float.IsNaN(proximity) || state.Obituaries.Contains(node, state.Now) || IsKnownElsewhere(node))
        {
            return;
        }

        state.Nearness.Observe(node.Id, TimeSpan.FromMilliseconds(proximity));
        state.Table.Measured(node, proximity);
        if (state.IsJoined && state.Table.SlotOf(node.Id) is { Node: { } holder } place && holder.Id != node.Id && proximity < place.Proximity)
        {
            ring.Probe(node, holder);
        }
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

        if (!_isAnnounced)
        {
            Announce();
            _isAnnounced = true;
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

    /// <summary>Shows each row to the nodes in it, so that they learn of this node and of each other, and how near they are to it.</summary>
    private void Announce()
    {
        for (var row = 0; row < state.Table.RowCount; row++)
        {
            var body = Describe(row);
            foreach (var node in body.Row.Nodes)
            {
                state.Send(node, MessageKind.RowAnnouncement, sequence: 0, body);
            }
        }
    }

    /// <summary>Tells whether a node may be nearer than the one in its place.</summary>
    /// <param name="node">The node.</param>
    /// <param name="toInformant">How near the node that names it is, or NaN.</param>
    /// <param name="fromInformant">How near the two are to each other, or NaN.</param>
    private bool MayBeNearer(NodeHandle node, float toInformant, float fromInformant)
    {
        var place = state.Table.SlotOf(node.Id);
        if (node.Id == state.Self.Id || place.Node is null || place.Node.Id == node.Id || state.Obituaries.Contains(node, state.Now))
        {
            return false;
        }

        if (float.IsNaN(place.Proximity))
        {
            state.Proximities.Start(place.Node);
        }

        // No side of a triangle is shorter than the difference of the others.
        return !(state.ProximityTo(node.Id) >= place.Proximity) && !(Math.Abs(toInformant - fromInformant) >= place.Proximity);
    }

    /// <summary>Nobody has proven who answered: what was measured at an address that others gave a known node tells nothing of that node.</summary>
    private bool IsKnownElsewhere(NodeHandle node) =>
        (state.LeafSet.Find(node.Id) ?? state.Table.Find(node.Id)) is { } known && !known.HasAddressesOf(node);

    private RowBody Describe(int row) => new(new TableRow(row, state.Table.Row(row, out var proximities)), proximities);

    /// <summary>Asks the nearer of two nodes drawn: what stands near it is near here as well, and yet each is asked at times.</summary>
    private void Ask(NodeHandle[] nodes, int row)
    {
        var (one, other) = (nodes[state.Random.Next(nodes.Length)], nodes[state.Random.Next(nodes.Length)]);
        var nearer = state.Table.Proximity(other.Id) < state.Table.Proximity(one.Id) ? other : one;
        state.Send(nearer, MessageKind.RowRequest, sequence: 0, new RowRequestBody(row));
    }
}
