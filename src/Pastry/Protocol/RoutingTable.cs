namespace P2P.Pastry.Protocol;

/// <summary>
/// Holds, in row r and column d, a node that shares r digits with the owner and has d as the next one (§2.3). Rows exist once they hold
/// something.
/// </summary>
internal sealed class RoutingTable(NodeId self, int bitsPerDigit)
{
    private readonly int _columns = 1 << bitsPerDigit;
    private Cell[]?[] _rows = [];

    /// <summary>One more than the last row that was ever used.</summary>
    public int RowCount => _rows.Length;

    /// <summary>How many nodes the table holds.</summary>
    public int Count { get; private set; }

    /// <summary>Gives the node to go to for a key that shares exactly <paramref name="row"/> digits with the owner.</summary>
    public NodeHandle? Find(int row, NodeId key) =>
        row < _rows.Length && _rows[row] is { } cells ? cells[key.Digit(row, bitsPerDigit)].Node : null;

    /// <summary>Takes a node that others have named into its slot where that is empty: what they say of it may be wrong.</summary>
    /// <returns>True where it was taken.</returns>
    public bool Suggest(NodeHandle node)
    {
        if (node.Id == self)
        {
            return false;
        }

        ref var cell = ref Slot(self.SharedDigits(node.Id, bitsPerDigit), node.Id);
        if (cell.Node is not null)
        {
            return false;
        }

        Count++;
        cell = new Cell(node, float.NaN, HasSpoken: false);
        return true;
    }

    /// <summary>
    /// Takes a node that has spoken to the owner into its slot, where that is empty, holds what others said of it or an earlier life of it,
    /// or holds one that has not spoken yet or is known to be farther.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="proximity">Its measured round trip in milliseconds, or NaN where it was not measured.</param>
    /// <returns>True where it was taken.</returns>
    public bool Consider(NodeHandle node, float proximity)
    {
        if (node.Id == self)
        {
            return false;
        }

        ref var cell = ref Slot(self.SharedDigits(node.Id, bitsPerDigit), node.Id);
        if (cell.Node is null)
        {
            Count++;
        }
        else if (cell.Node.Id == node.Id)
        {
            if (cell.HasSpoken && node.Incarnation <= cell.Node.Incarnation)
            {
                cell = cell with { Proximity = float.IsNaN(proximity) ? cell.Proximity : proximity };
                return false;
            }
        }
        else if (cell.HasSpoken && !(proximity < cell.Proximity))
        {
            return false;
        }

        cell = new Cell(node, proximity, HasSpoken: true);
        return true;
    }

    /// <summary>Finds what the table holds of the node with this id.</summary>
    public NodeHandle? Find(NodeId id) => CellOf(id) is { } place ? _rows[place.Row]![place.Column].Node : null;

    /// <summary>Tells whether the table holds a node with this id that has spoken to the owner.</summary>
    public bool HasSpoken(NodeId id) => CellOf(id) is { } place && _rows[place.Row]![place.Column].HasSpoken;

    /// <summary>Empties the slot that holds the node with this id.</summary>
    /// <returns>The row of the slot, or −1 where no slot holds it.</returns>
    public int Remove(NodeId id)
    {
        if (CellOf(id) is not { } place)
        {
            return -1;
        }

        _rows[place.Row]![place.Column] = default;
        Count--;
        return place.Row;
    }

    /// <summary>Gives the slots of a row, of which some hold nobody.</summary>
    public ReadOnlySpan<Cell> Slots(int row) => row < _rows.Length ? _rows[row] : [];

    /// <summary>Collects the nodes of a row.</summary>
    public NodeHandle[] Row(int row)
    {
        if (row >= _rows.Length || _rows[row] is not { } cells)
        {
            return [];
        }

        var nodes = new NodeHandle[cells.Count(cell => cell.Node is not null)];
        var count = 0;
        foreach (ref readonly var cell in cells.AsSpan())
        {
            if (cell.Node is not null)
            {
                nodes[count++] = cell.Node;
            }
        }

        return nodes;
    }

    private (int Row, int Column)? CellOf(NodeId id)
    {
        var row = self.SharedDigits(id, bitsPerDigit);
        return id != self && row < _rows.Length && _rows[row] is { } cells && cells[id.Digit(row, bitsPerDigit)].Node?.Id == id
            ? (row, id.Digit(row, bitsPerDigit))
            : null;
    }

    private ref Cell Slot(int row, NodeId id)
    {
        if (row >= _rows.Length)
        {
            Array.Resize(ref _rows, row + 1);
        }

        return ref (_rows[row] ??= new Cell[_columns])[id.Digit(row, bitsPerDigit)];
    }

    /// <summary>Is a slot: a node, its measured round trip in milliseconds or NaN, and whether it has spoken to the owner.</summary>
    public readonly record struct Cell(NodeHandle? Node, float Proximity, bool HasSpoken);
}
