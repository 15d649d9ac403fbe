using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Looks for a node near this one to join through (§2.5; Castro et al., "Exploiting network proximity in peer-to-peer overlay networks",
/// 2002): what it gives on from its rows is then near as well. From the bootstrap on, it asks the nearest node known for a row and measures
/// the nodes in it: the last row first, whose nodes may be anywhere, at the end the first one, whose nodes are next to their owner.
/// </summary>
internal sealed class NearestContact(NodeState state)
{
    private const int StepsMax = 10;
    private const int MeasuredPerStep = 16;

    private readonly HashSet<NodeId> _seen = [];
    private readonly HashSet<NodeId> _awaited = [];
    private NodeHandle? _asked;
    private NodeHandle? _answered;
    private NodeHandle? _nearest;
    private float _distance = float.PositiveInfinity;
    private int _steps;
    private int _row;

    /// <summary>The nearest node found.</summary>
    public NodeHandle Found => _nearest!;

    /// <summary>Begins with a bootstrap.</summary>
    public void Start(NodeHandle bootstrap)
    {
        _nearest = bootstrap;
        _seen.Add(bootstrap.Id);
        Measure(bootstrap);
        Ask(bootstrap, Limits.Rows - 1);
    }

    /// <summary>Takes a row of the node that was asked.</summary>
    /// <returns>True where the search has ended.</returns>
    public bool Receive(NodeHandle from, TableRow row)
    {
        if (_asked is null || !_asked.Equals(from))
        {
            return false;
        }

        (_asked, _answered, _row) = (null, from, row.Number);
        var first = row.Nodes.Length == 0 ? 0 : state.Random.Next(row.Nodes.Length);
        for (var i = 0; i < Math.Min(row.Nodes.Length, MeasuredPerStep); i++)
        {
            var node = row.Nodes[(first + i) % row.Nodes.Length];
            if (node.Id != state.Self.Id && _seen.Add(node.Id))
            {
                Measure(node);
            }
        }

        return HasEnded();
    }

    /// <summary>Takes a measurement.</summary>
    /// <param name="node">The node.</param>
    /// <param name="proximity">How near it is, or NaN where it did not answer.</param>
    /// <returns>True where the search has ended.</returns>
    public bool Measured(NodeHandle node, float proximity)
    {
        if (!_awaited.Remove(node.Id))
        {
            // An earlier search has asked for it.
            return false;
        }

        if (proximity < _distance)
        {
            (_nearest, _distance) = (node, proximity);
        }

        return HasEnded();
    }

    /// <summary>
    /// Goes on to the next row when all of this one is known; the last time, a round brings nobody nearer. Where nobody can be measured, as behind
    /// some firewalls, there is nothing to look for.
    /// </summary>
    private bool HasEnded()
    {
        if (_asked is not null || _awaited.Count > 0)
        {
            return false;
        }

        if (++_steps == StepsMax || float.IsPositiveInfinity(_distance) || (_row == 0 && _nearest!.Equals(_answered)))
        {
            return true;
        }

        Ask(_nearest!, Math.Max(0, _row - 1));
        return false;
    }

    private void Measure(NodeHandle node)
    {
        if (state.Proximities.Start(node))
        {
            _awaited.Add(node.Id);
        }
    }

    private void Ask(NodeHandle node, int row)
    {
        _asked = node;
        state.Send(node, MessageKind.RowRequest, sequence: 0, new RowRequestBody(row));
    }
}
