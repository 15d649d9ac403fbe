namespace PaperFigures.Experiments.Storage;

/// <summary>Draws from the standard normal distribution.</summary>
internal static class Normal
{
    public static double Next(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
