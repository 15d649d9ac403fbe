namespace Game.World;

/// <summary>
/// Chooses the areas whose players one has to hear: those that the screen shows, and those from which a shot can come. An area is entered early, so that one is a member of its group
/// before it comes into sight, and left late, so that who flies along a border does not join and leave all the time.
/// </summary>
/// <param name="isEverything">Whether all areas are of interest, wherever one is.</param>
internal sealed class AreaOfInterest(bool isEverything)
{
    /// <summary>How far beyond what the screen shows an area is entered: a quarter of a second's flight.</summary>
    public const double Ahead = 50;

    /// <summary>How much farther than where it was entered an area is left.</summary>
    public const double Hysteresis = 80;

    /// <summary>A shot flies this far, while its target flies towards it.</summary>
    public const double ShotReach = Shot.Range + (Flight.SpeedMax * Shot.Lifetime);

    private readonly HashSet<Area> _areas = [];

    public IReadOnlyCollection<Area> Areas => _areas;

    /// <summary>Moves to a place.</summary>
    /// <param name="place">Where one is.</param>
    /// <param name="sight">How far the screen shows, across and down.</param>
    /// <returns>The areas that are of interest from now on, and those that are not any more.</returns>
    public (IReadOnlyList<Area> Entered, IReadOnlyList<Area> Left) Move(Vector place, Sight sight)
    {
        var reach = new Vector(Math.Max(sight.Across + Ahead, ShotReach), Math.Max(sight.Down + Ahead, ShotReach));
        Area[] entered = [.. Area.All.Where(area => !_areas.Contains(area) && IsWithin(area.Gap(place), reach))];
        Area[] left = [.. _areas.Where(area => !IsWithin(area.Gap(place), reach + new Vector(Hysteresis, Hysteresis)))];
        _areas.UnionWith(entered);
        _areas.ExceptWith(left);
        return (entered, left);
    }

    private bool IsWithin(Vector gap, Vector reach) => isEverything || (gap.X <= reach.X && gap.Y <= reach.Y);
}

/// <summary>Says how far a screen shows from its middle, in units.</summary>
/// <param name="Across">To the left and to the right, 100 to 520.</param>
/// <param name="Down">Upwards and downwards, 100 to 520.</param>
internal readonly record struct Sight(double Across, double Down)
{
    private const double Min = 100;

    private const double Max = 520;

    /// <summary>What a screen in landscape shows.</summary>
    public static Sight Usual => new(400, 250);

    /// <summary>Makes what a page asks for something that one may have.</summary>
    public static Sight Of(double across, double down) =>
        double.IsFinite(across) && double.IsFinite(down) ? new(Math.Clamp(across, Min, Max), Math.Clamp(down, Min, Max)) : Usual;
}
