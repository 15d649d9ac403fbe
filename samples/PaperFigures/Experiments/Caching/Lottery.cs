namespace PaperFigures.Experiments.Caching;

/// <summary>Draws one of several, each in proportion to its weight.</summary>
internal sealed class Lottery
{
    private readonly double[] _sums;

    public Lottery(IEnumerable<double> weights)
    {
        var sum = 0.0;
        _sums = [.. weights.Select(weight => sum += weight)];
    }

    public int Draw(Random random)
    {
        var place = Array.BinarySearch(_sums, random.NextDouble() * _sums[^1]);
        return place < 0 ? ~place : place;
    }
}
