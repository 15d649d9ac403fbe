namespace PaperFigures.Experiments.Storage;

/// <summary>Draws from the standard normal distribution.</summary>
internal static class Normal
{
    public static double Next(Random random) => Of(random.NextDouble(), random.NextDouble());

    /// <summary>Makes a draw of two even ones from [0, 1).</summary>
    public static double Of(double one, double other) => Math.Sqrt(-2 * Math.Log(1 - one)) * Math.Cos(2 * Math.PI * other);
}
