namespace PaperFigures.Experiments.Storage;

/// <summary>
/// Draws the sizes of files that stand for the paper's traces, which can't be had: most from a log-normal distribution, and a few large ones from a
/// Pareto distribution.
/// </summary>
/// <param name="Count">How many files.</param>
/// <param name="Median">The median of the log-normal part, in bytes.</param>
/// <param name="Sigma">Its standard deviation, of the natural logarithm.</param>
/// <param name="BodyMax">Where that part ends and the other begins, in bytes.</param>
/// <param name="TailCount">How many files are larger.</param>
/// <param name="TailShape">The Pareto distribution's α.</param>
/// <param name="TailMax">The largest file, in bytes.</param>
internal sealed record FileSizes(int Count, double Median, double Sigma, long BodyMax, int TailCount, double TailShape, long TailMax)
{
    private const long MiB = 1 << 20;

    /// <summary>Files from a web proxy: 1,863,055, of 10.5 KB on average.</summary>
    public static readonly FileSizes Web = new(1_863_055, 1_312, 1.845, 2 * MiB, 964, 1.489, 138 * MiB);

    /// <summary>Files from file systems: 2,027,908, of 88 KB on average.</summary>
    public static readonly FileSizes FileSystem = new(2_027_908, 4_578, 2.4, 20 * MiB, 451, 1.2, 2_700 * MiB);

    /// <summary>Draws a part of the files, large and small ones mixed.</summary>
    public long[] Draw(double fraction, Random random)
    {
        var tail = (int)Math.Round(TailCount * fraction);
        var sizes = new long[Math.Max(1, (int)Math.Round(Count * fraction))];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = i < tail ? DrawTail(random) : DrawBody(random);
        }

        random.Shuffle(sizes);
        return sizes;
    }

    private long DrawBody(Random random)
    {
        double size;
        do
        {
            size = Median * Math.Exp(Sigma * Normal.Next(random));
        }
        while (size > BodyMax);

        return (long)size;
    }

    private long DrawTail(Random random)
    {
        double size;
        do
        {
            size = BodyMax * Math.Pow(1 - random.NextDouble(), -1 / TailShape);
        }
        while (size > TailMax);

        return (long)size;
    }
}
