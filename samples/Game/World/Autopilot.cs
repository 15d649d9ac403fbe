using P2P.Pastry;

namespace Game.World;

/// <summary>Flies a ship by itself: it goes for who is near, not too well, and else to where others are.</summary>
internal sealed class Autopilot(Random random)
{
    private const double FireAngle = 0.16;

    private const double SightRange = 520;

    private readonly double _aimError = 0.05 + (random.NextDouble() * 0.25);
    private Vector? _goal;
    private double _goalUntil;
    private double _aim;
    private double _aimUntil;

    /// <summary>Decides what to press.</summary>
    public Buttons Decide(Scene scene, double now)
    {
        if (now > _aimUntil)
        {
            (_aim, _aimUntil) = ((random.NextDouble() - 0.5) * 2 * _aimError, now + 0.6);
        }

        return Nearest(scene) is { } prey ? Chase(scene.Pilot.Flight, prey) : Wander(scene, now);
    }

    private static Other? Nearest(Scene scene) => scene.Others
        .Where(other => other.Health > 0 && Map.Distance(scene.Pilot.Flight.Place, other.Flight.Place) < SightRange)
        .MinBy(other => Map.Distance(scene.Pilot.Flight.Place, other.Flight.Place));

    private static double Off(Flight own, double direction) => Map.Shortest(direction - own.Heading, Math.Tau);

    private static Buttons Turn(double off) => off > 0.06 ? Buttons.Right : off < -0.06 ? Buttons.Left : Buttons.None;

    private static double DirectionOf(Vector way) => Math.Atan2(way.Y, way.X);

    private Buttons Chase(Flight own, Other prey)
    {
        var way = Map.Way(own.Place, prey.Flight.Place);

        // Where it will be when a shot gets there.
        var ahead = way + (prey.Flight.Speed * (way.Length / Shot.Speed));
        var off = Off(own, DirectionOf(ahead) + _aim);
        var fires = Math.Abs(off) < FireAngle && way.Length < Shot.Range && !prey.Marks.HasFlag(Marks.Shielded);
        var pushes = way.Length > 130 && Math.Abs(off) < 1.2;
        return Turn(off) | (fires ? Buttons.Fire : Buttons.None) | (pushes ? Buttons.Thrust : Buttons.None);
    }

    private Buttons Wander(Scene scene, double now)
    {
        var own = scene.Pilot.Flight;
        if (_goal is not { } goal || now > _goalUntil || Map.Distance(own.Place, goal) < 120)
        {
            (NodeId Id, Standing Standing)[] others = [.. scene.Scores.Best.Where(player => player.Id != scene.Id)];
            goal = others.Length > 0 && random.NextDouble() < 0.5
                ? others[random.Next(others.Length)].Standing.Place
                : new Vector(random.NextDouble() * Map.Width, random.NextDouble() * Map.Height);
            (_goal, _goalUntil) = (goal, now + 12);
        }

        var off = Off(own, DirectionOf(Map.Way(own.Place, goal)));
        return Turn(off) | (Math.Abs(off) < 0.8 ? Buttons.Thrust : Buttons.None);
    }
}
