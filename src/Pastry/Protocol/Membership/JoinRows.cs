using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>Puts into a newcomer's request what a node on its way has for it (§2.4): rows of its table, and at the first one who is near.</summary>
internal static class JoinRows
{
    /// <summary>Adds the rows that the newcomer does not have yet and that suit it.</summary>
    public static JoinRequestBody Add(JoinRequestBody request, int hops, NodeState state)
    {
        var self = state.Self;
        var shared = self.Id.SharedDigits(request.Joiner.Id, state.Options.BitsPerDigit);
        var given = request.Rows.Length == 0 ? 0 : request.Rows[^1].Number + 1;
        var rows = new List<TableRow>(request.Rows);
        var room = Limits.RowsLength - request.Rows.Sum(row => row.EncodedLength);
        for (var row = given; row <= Math.Min(shared, Limits.Rows - 1); row++)
        {
            NodeHandle[] nodes = row == shared ? [self, .. state.Table.Row(row)] : state.Table.Row(row);
            var entry = new TableRow(row, nodes);
            room -= entry.EncodedLength;
            if (nodes.Length > 0 && room >= 0)
            {
                rows.Add(entry);
            }
        }

        if (given > shared && rows.Count > 0)
        {
            // A leaf-set hop need not share more digits than the one before; its own handle is worth having all the same.
            rows[^1] = rows[^1] with { Nodes = [.. rows[^1].Nodes.Take(Limits.HandlesPerRow - 1), self] };
        }

        var near = state.Neighborhood.Members;
        NodeHandle[] known = hops <= 1 && request.Near.Length == 0 ? [self, .. near[..Math.Min(near.Length, Limits.NearMax)]] : request.Near;
        return new JoinRequestBody(request.Joiner, [.. rows], known, request.Nonce, request.Parameters);
    }
}
