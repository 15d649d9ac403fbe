using P2P.Pastry;

namespace Game.World;

/// <summary>Is a shot: it flies straight on until it hits or its time is over, so that it has to be told only once.</summary>
/// <param name="By">Who has fired it.</param>
/// <param name="Number">Which of its shots it is.</param>
/// <param name="From">Where it began.</param>
/// <param name="Heading">Where it flies.</param>
/// <param name="Since">When it began, in seconds by the clock of who looks.</param>
internal readonly record struct Shot(NodeId By, uint Number, Vector From, double Heading, double Since)
{
    public const double Speed = 480;

    public const double Lifetime = 0.5;

    public const double Range = Speed * Lifetime;

    /// <summary>Who is as near as this is hit.</summary>
    public const double Radius = 18;

    public bool IsOver(double now) => now > Since + Lifetime;

    /// <summary>Tells whether it hits somebody on its way from one moment to another.</summary>
    public bool Hits(Vector place, double before, double now)
    {
        var from = At(Math.Max(before, Since));
        var way = At(Math.Min(now, Since + Lifetime)) - from;
        var target = Map.Way(from, place);

        // The point of the way that is nearest to the target.
        var length = (way.X * way.X) + (way.Y * way.Y);
        var part = length > 0 ? Math.Clamp(((target.X * way.X) + (target.Y * way.Y)) / length, 0, 1) : 0;
        return (target - (way * part)).Length <= Radius;
    }

    private Vector At(double now) => From + Vector.Towards(Heading, Speed * Math.Clamp(now - Since, 0, Lifetime));
}
