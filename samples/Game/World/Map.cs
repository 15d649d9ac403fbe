namespace Game.World;

/// <summary>Is the map: a torus, so that who flies out on one side comes in on the other, and no place is a corner.</summary>
internal static class Map
{
    public const int Width = 3200;

    public const int Height = 2000;

    /// <summary>Brings a place back onto the map.</summary>
    public static Vector Wrap(Vector place) => new(Wrap(place.X, Width), Wrap(place.Y, Height));

    /// <summary>Gives the shortest way from one place to another.</summary>
    public static Vector Way(Vector from, Vector to) => new(Shortest(to.X - from.X, Width), Shortest(to.Y - from.Y, Height));

    public static double Distance(Vector from, Vector to) => Way(from, to).Length;

    internal static double Shortest(double difference, double size) => difference - (Math.Round(difference / size) * size);

    private static double Wrap(double value, double size)
    {
        var wrapped = value - (Math.Floor(value / size) * size);

        // A tiny negative number is rounded up to the size itself.
        return wrapped < size ? wrapped : 0;
    }
}
