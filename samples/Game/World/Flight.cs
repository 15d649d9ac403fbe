namespace Game.World;

/// <summary>Is how a ship flies at one moment. The page predicts its own ship by the same rules (wwwroot/flight.js).</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Speed">How it moves, in units a second.</param>
/// <param name="Heading">Where its nose points, 0 to 2π.</param>
internal readonly record struct Flight(Vector Place, Vector Speed, double Heading)
{
    /// <summary>Ships move in steps of this many seconds, so that the same buttons lead to the same place however often somebody looks.</summary>
    public const double Step = 1.0 / 60;

    public const double SpeedMax = 230;

    private const double Thrust = 480;

    private const double TurnPerSecond = 3.8;

    private const double DragPerSecond = 1.1;

    private static readonly double KeptPerStep = Math.Exp(-DragPerSecond * Step);

    /// <summary>Gives the flight one step later.</summary>
    public Flight Next(Buttons buttons)
    {
        var turn = (buttons.HasFlag(Buttons.Right) ? 1 : 0) - (buttons.HasFlag(Buttons.Left) ? 1 : 0);
        var heading = WrapAngle(Heading + (turn * TurnPerSecond * Step));
        var pushed = buttons.HasFlag(Buttons.Thrust) ? Speed + Vector.Towards(heading, Thrust * Step) : Speed;
        var kept = pushed * KeptPerStep;
        var speed = kept.Length > SpeedMax ? kept * (SpeedMax / kept.Length) : kept;
        return new(Map.Wrap(Place + (speed * Step)), speed, heading);
    }

    /// <summary>Brings an angle to 0 to 2π.</summary>
    public static double WrapAngle(double angle)
    {
        var wrapped = angle - (Math.Floor(angle / Math.Tau) * Math.Tau);
        return wrapped < Math.Tau ? wrapped : 0;
    }
}

/// <summary>Says what a player presses.</summary>
[Flags]
internal enum Buttons
{
    None = 0,
    Left = 1,
    Right = 2,
    Thrust = 4,
    Fire = 8,
    All = Left | Right | Thrust | Fire,
}
