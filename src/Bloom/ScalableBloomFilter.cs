using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Grows with a set whose size nobody knows: a series of classic filters, each for twice as many elements at half the rate of false positives, so
/// that the rate of all together stays below the one asked for (Almeida et al. 2007).
/// </summary>
/// <remarks>
/// Any number of threads may add, ask and take snapshots at the same time; only growth, which is rare, takes a lock. Clearing needs the filter to
/// itself. When a next filter would exceed <see cref="BloomParameters.BitsMax"/>, the last one goes on filling, and the rate rises.
/// </remarks>
public sealed class ScalableBloomFilter : MembershipFilter
{
    private readonly Lock _growth = new();
    private Slice[] _slices;

    /// <summary>Creates an empty filter.</summary>
    /// <param name="initialCapacity">How many elements the first of the series holds, from 1 to 2³⁰. A good guess saves memory and time.</param>
    /// <param name="falsePositiveRate">
    /// The rate p of all together, whatever they hold, above 0 and below 1. With an initial capacity below 10 it is exceeded: there chance decides
    /// how many bits the few elements set.
    /// </param>
    /// <param name="hasher">Hashes the elements; <see cref="BloomHasher.Default"/> if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is out of its range.</exception>
    public ScalableBloomFilter(long initialCapacity, double falsePositiveRate, BloomHasher? hasher = null)
        : base(hasher)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(initialCapacity, ScalableSeries.InitialCapacityMax);
        BloomParameters.CheckTarget(initialCapacity, falsePositiveRate);
        Series = new ScalableSeries(initialCapacity, falsePositiveRate, Hasher.HashCountMax);
        _slices = [NewSlice(0) ?? throw new ArgumentOutOfRangeException(nameof(falsePositiveRate), falsePositiveRate, "The first filter would be too large.")];
    }

    internal ScalableBloomFilter(ScalableSeries series, BloomHasher hasher, Slice[] slices)
        : base(hasher)
    {
        Series = series;
        _slices = slices;
    }

    /// <summary>Gives the number of filters in the series.</summary>
    public int SliceCount => Volatile.Read(ref _slices).Length;

    /// <inheritdoc/>
    public override long MemoryBytes => Volatile.Read(ref _slices).Sum(slice => slice.Filter.MemoryBytes);

    internal ScalableSeries Series { get; }

    /// <inheritdoc/>
    public override bool Add(BloomHash hash)
    {
        var slices = Volatile.Read(ref _slices);
        if (MayContain(slices, hash) || !slices[^1].Filter.Add(hash))
        {
            return false;
        }

        var last = slices.Length - 1;
        if (Series.IsTimeToCheck(last, Interlocked.Increment(ref slices[last].Count))
            && slices[last].Filter.EstimateFalsePositiveRate() >= Series.RateToGrowAt(last))
        {
            Grow(slices);
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool MayContain(BloomHash hash) => MayContain(Volatile.Read(ref _slices), hash);

    /// <summary>Copies the filter. The copy holds at least what had been added before the call.</summary>
    public ScalableBloomFilter Snapshot() => new(Series, Hasher, CopySlices());

    /// <inheritdoc/>
    public override double EstimateCount() => Volatile.Read(ref _slices).Sum(slice => slice.Filter.EstimateCount());

    /// <inheritdoc/>
    public override double EstimateFalsePositiveRate() =>
        1 - Volatile.Read(ref _slices).Aggregate(1.0, (passed, slice) => passed * (1 - slice.Filter.EstimateFalsePositiveRate()));

    /// <inheritdoc/>
    public override void Clear() => Volatile.Write(ref _slices, [NewSlice(0)!]);

    internal override IEncoding Encode() => new ScalableEncoding(Series, Hasher, CopySlices());

    private static bool MayContain(Slice[] slices, BloomHash hash)
    {
        // The last one holds about half of all elements.
        for (var index = slices.Length - 1; index >= 0; index--)
        {
            if (slices[index].Filter.MayContain(hash))
            {
                return true;
            }
        }

        return false;
    }

    private void Grow(Slice[] seen)
    {
        lock (_growth)
        {
            if (_slices == seen && NewSlice(seen.Length) is { } slice)
            {
                Volatile.Write(ref _slices, [.. seen, slice]);
            }
        }
    }

    private Slice? NewSlice(int index) =>
        Series.ParametersOf(index) is { } parameters ? new Slice(new BloomFilter(parameters, Hasher), count: 0) : null;

    private Slice[] CopySlices() =>
        [.. Volatile.Read(ref _slices).Select(slice => new Slice(slice.Filter.Snapshot(), Volatile.Read(ref slice.Count)))];

    /// <summary>Is one of the series, and how many elements have gone into it.</summary>
    internal sealed class Slice(BloomFilter filter, long count)
    {
        public long Count = count;

        public BloomFilter Filter { get; } = filter;
    }
}
