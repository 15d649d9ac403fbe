namespace P2P.Pastry.Protocol;

/// <summary>
/// Chooses where a key goes next (§2.2): by the leaf set where it covers the key, else by the table, else to any known node that is closer.
/// Suspects are passed over.
/// </summary>
internal sealed class NextHopChoice(NodeState state)
{
    /// <summary>Finds where a message for this key goes next, or null where no known node is closer than this one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="never">A node that is not to be chosen: a newcomer's own, earlier life.</param>
    public NodeHandle? Find(NodeId key, NodeId? never = null)
    {
        if (state.LeafSet.Covers(key))
        {
            var closest = state.LeafSet.Closest(key, state.Suspects);
            return closest is not null && closest.Id == never ? AnyCloser(key, 0, never) : closest;
        }

        var row = state.Self.Id.SharedDigits(key, state.Options.BitsPerDigit);
        return state.Table.Find(row, key) is { } next && next.Id != never && !state.Suspects.Contains(next)
            ? next
            : AnyCloser(key, row, never);
    }

    /// <summary>Finds where a message goes next whose hops by the table were silent: members of the leaf set are known to live.</summary>
    /// <inheritdoc cref="Find"/>
    public NodeHandle? FindByLeafSet(NodeId key, NodeId? never)
    {
        if (state.LeafSet.Covers(key))
        {
            return Find(key, never);
        }

        var best = new Candidate(state, key, atLeast: 0, never);
        best.Consider(state.LeafSet.Members);
        return best.Node ?? Find(key, never);
    }

    /// <summary>§2.2, the rare case: of all known nodes with a prefix at least as long, the one with the longest that is closer.</summary>
    private NodeHandle? AnyCloser(NodeId key, int row, NodeId? never)
    {
        var best = new Candidate(state, key, row, never);
        best.Consider(state.LeafSet.Members);
        best.Consider(state.Neighborhood.Members);
        for (var r = row; r < state.Table.RowCount; r++)
        {
            best.Consider(state.Table.Slots(r));
        }

        return best.Node;
    }

    /// <summary>Finds among nodes the one that shares the most digits with a key, at least so many, and is closer to it than the owner.</summary>
    private ref struct Candidate(NodeState state, NodeId key, int atLeast, NodeId? never)
    {
        private int _shared = atLeast;

        public NodeHandle? Node { get; private set; }

        public void Consider(ReadOnlySpan<NodeHandle> nodes)
        {
            foreach (var node in nodes)
            {
                Consider(node);
            }
        }

        public void Consider(ReadOnlySpan<RoutingTable.Cell> slots)
        {
            foreach (ref readonly var slot in slots)
            {
                if (slot.Node is { } node)
                {
                    Consider(node);
                }
            }
        }

        private void Consider(NodeHandle node)
        {
            var shared = node.Id.SharedDigits(key, state.Options.BitsPerDigit);
            if (shared >= _shared && node.Id != never && !state.Suspects.Contains(node) && node.Id.IsCloserTo(key, state.Self.Id)
                && (Node is null || shared > _shared || node.Id.IsCloserTo(key, Node.Id)))
            {
                (Node, _shared) = (node, shared);
            }
        }
    }
}
