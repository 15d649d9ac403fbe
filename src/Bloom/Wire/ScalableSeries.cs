using P2P.Bloom.Bits;

namespace P2P.Bloom.Wire;

/// <summary>Computes the filters of a scalable filter: the i-th holds n · 2ⁱ elements at the rate p · 2⁻ⁱ⁻¹.</summary>
internal sealed record ScalableSeries(long InitialCapacity, double FalsePositiveRate, int HashCountMax)
{
    public const long InitialCapacityMax = 1L << 30;
    public const int SlicesMax = 32;

    private const int ChecksPerCapacity = 256;

    /// <summary>
    /// Tells whether a filter of the series, into which so many elements have gone, is to be looked at. Small filters differ much in how fast they
    /// fill, so not the count but the fill decides when the next one is due.
    /// </summary>
    public bool IsTimeToCheck(int index, long count) =>
        count >= CapacityOf(index) / 4 * 3 && count % IntervalOf(index) == 0;

    /// <summary>
    /// Gives the rate of false positives at which the next filter is due: the one from which the elements that may come before the next check, each
    /// with k new bits at most, don't lead beyond the filter's own.
    /// </summary>
    public double RateToGrowAt(int index)
    {
        if (ParametersOf(index) is not { } parameters)
        {
            return RateOf(index);
        }

        var fill = Math.Pow(RateOf(index), 1.0 / parameters.HashCount) - (double)parameters.HashCount * IntervalOf(index) / parameters.Bits;
        return Math.Pow(Math.Max(0, fill), parameters.HashCount);
    }

    /// <summary>Gives the sizes of a filter of the series, or null where it would be too large.</summary>
    public BloomParameters? ParametersOf(int index)
    {
        var rate = RateOf(index);
        if (index >= SlicesMax || rate <= 0)
        {
            return null;
        }

        // With ideal sizes a filter takes log₂ e · log₂ 1/p bits an element; few hash functions, or rates below 2⁻⁶⁴, take more.
        var hashCount = Math.Clamp((int)Math.Ceiling(-Math.Log2(rate)), 1, Math.Clamp(HashCountMax, 1, BloomParameters.HashCountMax));
        var bits = -(double)hashCount * CapacityOf(index) / Accurate.LogOnePlus(-Math.Pow(rate, 1.0 / hashCount));
        return bits <= BloomParameters.BitsMax ? new BloomParameters(Math.Max(1, (long)Math.Ceiling(bits)), hashCount) : null;
    }

    /// <summary>Tells whether a filter has the sizes of the series, whose last digits may differ from machine to machine.</summary>
    public bool Fits(int index, FilterShape shape) =>
        ParametersOf(index) is { } expected
        && shape.HashCount == expected.HashCount
        && Math.Abs(shape.Bits - expected.Bits) <= 1 + expected.Bits / 1_000_000;

    private long IntervalOf(int index) => Math.Max(1, CapacityOf(index) / ChecksPerCapacity);

    private long CapacityOf(int index) => InitialCapacity << index;

    private double RateOf(int index) => Math.ScaleB(FalsePositiveRate, -index - 1);
}
