namespace Game.World;

/// <summary>Is a square of the map, whose players hear each other: what happens in it is said in its group.</summary>
internal readonly record struct Area(int Column, int Row)
{
    public const int Size = 400;

    public const int Columns = Map.Width / Size;

    public const int Rows = Map.Height / Size;

    public static IEnumerable<Area> All =>
        from row in Enumerable.Range(0, Rows)
        from column in Enumerable.Range(0, Columns)
        select new Area(column, row);

    private Vector Center => new((Column + 0.5) * Size, (Row + 0.5) * Size);

    /// <summary>Gives the area in which a place of the map lies.</summary>
    public static Area Of(Vector place) => new((int)place.X / Size, (int)place.Y / Size);

    /// <summary>How far a place is from this area, across and down; 0 where it is level with it.</summary>
    public Vector Gap(Vector place)
    {
        var way = Map.Way(Center, place);
        return new(Math.Max(0, Math.Abs(way.X) - (Size / 2)), Math.Max(0, Math.Abs(way.Y) - (Size / 2)));
    }

    public override string ToString() => $"{Column}-{Row}";
}
