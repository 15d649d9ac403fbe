namespace P2P.Pastry.Protocol;

/// <summary>
/// Chooses a near one of the k nodes closest to a key, for a message that any of them can answer (§3.3). Who they are, only a node next to
/// them knows for certain; one farther away estimates a node's rank from its distance to the key and the density of its own leaf set.
/// </summary>
internal readonly ref struct HolderChoice
{
    private readonly NodeState _state;
    private readonly NodeId _key;
    private readonly UInt128 _reach;

    public HolderChoice(NodeState state, NodeId key, int count)
    {
        (_state, _key) = (state, key);
        var leafSet = state.LeafSet;
        // The k closest lie on both sides of the key, so that they reach about k/2 gaps away from it.
        _reach = leafSet.IsFull
            ? leafSet.Leftmost!.Id.ClockwiseTo(leafSet.Rightmost!.Id) / (uint)leafSet.Members.Length / 2 * (uint)count
            : UInt128.MaxValue;
        if (!leafSet.IsFull || leafSet.Covers(key))
        {
            // What is known need not be guessed.
            var known = new List<UInt128>(leafSet.Members.Length + 1) { state.Self.Id.DistanceTo(key) };
            foreach (var member in leafSet.Members)
            {
                known.Add(member.Id.DistanceTo(key));
            }

            known.Sort();
            _reach = known[Math.Min(count, known.Count) - 1];
        }
    }

    public NodeHandle? Nearest()
    {
        var (nearest, least) = ((NodeHandle?)null, float.PositiveInfinity);
        foreach (var member in _state.LeafSet.Members)
        {
            Consider(member, _state.ProximityTo(member.Id), ref nearest, ref least);
        }

        for (var row = 0; row < _state.Table.RowCount; row++)
        {
            foreach (ref readonly var cell in _state.Table.Slots(row))
            {
                if (cell.Node is { } node)
                {
                    Consider(node, cell.Proximity, ref nearest, ref least);
                }
            }
        }

        return nearest;
    }

    private void Consider(NodeHandle node, float proximity, ref NodeHandle? nearest, ref float least)
    {
        if (proximity < least && node.Id.DistanceTo(_key) <= _reach && !_state.Suspects.Contains(node))
        {
            (nearest, least) = (node, proximity);
        }
    }
}
