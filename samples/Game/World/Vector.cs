namespace Game.World;

/// <summary>Is a place on the map, or a way on it, in units; x to the right, y down.</summary>
internal readonly record struct Vector(double X, double Y)
{
    public double Length => Math.Sqrt((X * X) + (Y * Y));

    /// <summary>Makes the way of a length in a direction; 0 is to the right, and it grows clockwise as a screen shows it.</summary>
    public static Vector Towards(double heading, double length) => new(Math.Cos(heading) * length, Math.Sin(heading) * length);

    public static Vector operator +(Vector left, Vector right) => new(left.X + right.X, left.Y + right.Y);

    public static Vector operator -(Vector left, Vector right) => new(left.X - right.X, left.Y - right.Y);

    public static Vector operator *(Vector vector, double factor) => new(vector.X * factor, vector.Y * factor);
}
