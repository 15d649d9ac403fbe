namespace P2P.Bloom.Bits;

/// <summary>Computes what theory expects of a split block filter.</summary>
internal static class SplitBlockTheory
{
    private const double LoadMax = 4096;
    private const int Steps = 64;

    /// <summary>
    /// Computes the rate of false positives for a mean number of elements in a block: the number j in one block is Poisson distributed, and a
    /// block of j elements passes (1 − (31/32)^j)⁸ of the others.
    /// </summary>
    public static double FalsePositiveRate(double load)
    {
        var jMax = (int)(load + 12 * Math.Sqrt(load) + 32);
        var (rate, logOfFactorial) = (0.0, 0.0);
        for (var j = 1; j <= jMax; j++)
        {
            logOfFactorial += Math.Log(j);
            var probability = Math.Exp(j * Math.Log(load) - load - logOfFactorial);
            rate += probability * Math.Pow(1 - Math.Pow(31.0 / 32, j), 8);
        }

        return rate;
    }

    /// <summary>Finds the mean number of elements in a block at which a rate is reached.</summary>
    public static double LoadFor(double falsePositiveRate)
    {
        var (below, above) = (0.0, LoadMax);
        for (var step = 0; step < Steps; step++)
        {
            var middle = (below + above) / 2;
            if (middle == 0 || FalsePositiveRate(middle) <= falsePositiveRate)
            {
                below = middle;
            }
            else
            {
                above = middle;
            }
        }

        return below;
    }
}
