namespace PaperFigures.Experiments.Storage;

/// <summary>Draws the sizes of disks from a normal distribution that is cut at both ends (PAST, SOSP 2001, table 1), in MB.</summary>
internal sealed record CapacityDistribution(double Mean, double Deviation, double Lower, double Upper)
{
    private const double Megabyte = 1e6;

    public static readonly CapacityDistribution D1 = new(27, 10.8, 2, 51);
    public static readonly CapacityDistribution D2 = new(27, 9.6, 4, 49);
    public static readonly CapacityDistribution D3 = new(27, 54, 6, 48);
    public static readonly CapacityDistribution D4 = new(27, 54, 1, 53);

    /// <summary>By how much all sizes are larger.</summary>
    public double Factor { get; init; } = 1;

    public long[] Draw(int count, Random random)
    {
        var capacities = new long[count];
        for (var i = 0; i < count; i++)
        {
            double drawn;
            do
            {
                drawn = Mean + Deviation * Normal.Next(random);
            }
            while (drawn < Lower || drawn > Upper);

            capacities[i] = (long)(drawn * Factor * Megabyte);
        }

        return capacities;
    }
}
