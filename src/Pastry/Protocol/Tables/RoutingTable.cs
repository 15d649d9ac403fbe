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
        cell = new Cell(node, float.NaN, HeardAt: 0);
        return true;
    }

    /// <summary>Takes a measurement of a node that need not have spoken: it may stand in the place of a farther one that has not either.</summary>
    public void Measured(NodeHandle node, float proximity)
    {
        if (node.Id == self)
        {
            return;
        }

        Suggest(node);
        ref var cell = ref Slot(self.SharedDigits(node.Id, bitsPerDigit), node.Id);
        if (cell.Node!.Id == node.Id)
        {
            cell = cell with { Proximity = proximity };
        }
        else if (!cell.HasSpoken && !(cell.Proximity <= proximity))
        {
            cell = new Cell(node, proximity, HeardAt: 0);
        }
    }

    /// <summary>
    /// Takes a node that has spoken to the owner into its slot, where that is empty, holds what others said of it or an earlier life of it,
    /// or holds one that has not spoken yet or is known to be farther.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="proximity">Its measured round trip in milliseconds, or NaN where it was not measured.</param>
    /// <param name="now">When it spoke.</param>
    /// <returns>True where it was taken.</returns>
    public bool Consider(NodeHandle node, float proximity, Instant now)
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
                cell = new Cell(cell.Node, float.IsNaN(proximity) ? cell.Proximity : proximity, Cell.Mark(now));
                return false;
            }
        }
        else if (cell.HasSpoken && !(proximity < cell.Proximity))
        {
            return false;
        }

        cell = new Cell(node, proximity, Cell.Mark(now));
        return true;
    }

    /// <summary>Notes that a node has given a sign of life; what others said of it is no hearsay any more.</summary>
    public void Hear(NodeHandle node, Instant now)
    {
        var row = self.SharedDigits(node.Id, bitsPerDigit);
        if (row < _rows.Length && _rows[row] is { } cells)
        {
            ref var cell = ref cells[node.Id.Digit(row, bitsPerDigit)];
            if (cell.Node?.Id == node.Id && (!cell.HasSpoken || cell.Node.Incarnation == node.Incarnation))
            {
                cell = new Cell(cell.HasSpoken ? cell.Node : node, cell.Proximity, Cell.Mark(now));
            }
        }
    }

    /// <summary>Finds, among the nodes that nobody else looks after, the one that was not heard of for the longest time.</summary>
    /// <param name="leafSet">Whose members are looked after.</param>
    /// <param name="hasSpoken">Whether it is to be one that has spoken, or one that others have named and that has not.</param>
    /// <param name="count">How many of these there are.</param>
    public Cell LongestSilent(LeafSet leafSet, bool hasSpoken, out int count)
    {
        var silent = default(Cell);
        count = 0;
        foreach (var cells in _rows)
        {
            foreach (ref readonly var cell in cells.AsSpan())
            {
                if (cell.Node is not null && cell.HasSpoken == hasSpoken && !leafSet.Contains(cell.Node.Id))
                {
                    count++;
                    silent = silent.Node is null || cell.HeardAt < silent.HeardAt ? cell : silent;
                }
            }
        }

        return silent;
    }

    /// <summary>Gives the slot that a node would stand in.</summary>
    public Cell SlotOf(NodeId id)
    {
        var row = self.SharedDigits(id, bitsPerDigit);
        return row < _rows.Length && _rows[row] is { } cells ? cells[id.Digit(row, bitsPerDigit)] : default;
    }

    /// <summary>Gives a node's measured round trip in milliseconds, or NaN.</summary>
    public float Proximity(NodeId id) => CellOf(id) is { } place ? _rows[place.Row]![place.Column].Proximity : float.NaN;

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
    public NodeHandle[] Row(int row) => Row(row, out _);

    /// <summary>Collects the nodes of a row, and for each its measured proximity or NaN.</summary>
    public NodeHandle[] Row(int row, out float[] proximities)
    {
        if (row >= _rows.Length || _rows[row] is not { } cells)
        {
            proximities = [];
            return [];
        }

        var nodes = new NodeHandle[cells.Count(cell => cell.Node is not null)];
        proximities = new float[nodes.Length];
        var count = 0;
        foreach (ref readonly var cell in cells.AsSpan())
        {
            if (cell.Node is not null)
            {
                proximities[count] = cell.Proximity;
                nodes[count++] = cell.Node;
            }
        }

        return nodes;
    }

    /// <summary>Gives the places of a row, the empty ones among them.</summary>
    public ReadOnlySpan<Cell> Cells(int row) => row < _rows.Length ? _rows[row] : [];

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

    /// <summary>Is a slot: a node, its measured round trip in milliseconds or NaN, and when it last spoke to the owner.</summary>
    /// <param name="Node">The node, or null.</param>
    /// <param name="Proximity">Its measured round trip.</param>
    /// <param name="HeardAt">In seconds since the clock's start, from 1; 0 where it never spoke.</param>
    public readonly record struct Cell(NodeHandle? Node, float Proximity, uint HeardAt)
    {
        public bool HasSpoken => HeardAt > 0;

        public static uint Mark(Instant now) => (uint)(now.Ticks / TimeSpan.TicksPerSecond) + 1;

        public TimeSpan SilentFor(Instant now) => TimeSpan.FromSeconds(Mark(now) - HeardAt);
    }
}
