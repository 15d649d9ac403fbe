namespace P2P.Pastry;

/// <summary>
/// Marks a point on a node's own monotonic clock, which starts anywhere and never goes back. Instants of different nodes do not compare.
/// </summary>
/// <param name="Ticks">Ticks of 100 ns since the clock's start.</param>
public readonly record struct Instant(long Ticks) : IComparable<Instant>
{
    /// <summary>The start of the clock.</summary>
    public static readonly Instant Zero = new(0);

    /// <summary>A point that is never reached.</summary>
    public static readonly Instant Never = new(long.MaxValue);

    /// <summary>Gives the time since the clock's start.</summary>
    public TimeSpan SinceStart => new(Ticks);

    /// <inheritdoc/>
    public int CompareTo(Instant other) => Ticks.CompareTo(other.Ticks);

    /// <summary>Shows the time since the clock's start.</summary>
    public override string ToString() => this == Never ? "never" : SinceStart.ToString("c");

    /// <summary>Moves an instant. One that is never reached stays so, and one beyond the end of the clock is never reached.</summary>
    public static Instant operator +(Instant instant, TimeSpan span) =>
        instant == Never || (span.Ticks > 0 && instant.Ticks > long.MaxValue - span.Ticks) ? Never : new(instant.Ticks + span.Ticks);

    /// <summary>Moves an instant back. One that is never reached stays so, and one beyond the end of the clock is never reached.</summary>
    public static Instant operator -(Instant instant, TimeSpan span) =>
        instant == Never || (span.Ticks < 0 && instant.Ticks > long.MaxValue + span.Ticks) ? Never : new(instant.Ticks - span.Ticks);

    /// <summary>Gives the time between two instants of the same clock.</summary>
    public static TimeSpan operator -(Instant left, Instant right) => new(left.Ticks - right.Ticks);

    /// <summary>Orders instants of the same clock.</summary>
    public static bool operator <(Instant left, Instant right) => left.Ticks < right.Ticks;

    /// <summary>Orders instants of the same clock.</summary>
    public static bool operator >(Instant left, Instant right) => left.Ticks > right.Ticks;

    /// <summary>Orders instants of the same clock.</summary>
    public static bool operator <=(Instant left, Instant right) => left.Ticks <= right.Ticks;

    /// <summary>Orders instants of the same clock.</summary>
    public static bool operator >=(Instant left, Instant right) => left.Ticks >= right.Ticks;
}
