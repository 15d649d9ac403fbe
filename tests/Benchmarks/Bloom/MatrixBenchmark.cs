using System.Diagnostics;
using P2P.Bloom;

namespace Benchmarks.Bloom;

/// <summary>Measures a matrix: queries of two words, and deltas of a hundred words, as they come from the wire.</summary>
internal sealed class MatrixBenchmark
{
    private const int CommonWords = 100_000;
    private const int CommonWordsOfAnOwner = 200;
    private const int Queries = 1000;
    private const int DeltaOwners = 100;
    private const int DeltaWords = 100;

    private readonly Random _random = new(1);
    private readonly BloomFilterMatrix<int> _matrix = new();

    public double QueryMicroseconds { get; private set; }

    public double QueryBytes { get; private set; }

    public double DeltaMicroseconds { get; private set; }

    public double OwnersFound { get; private set; }

    public double Mebibytes => _matrix.MemoryBytes / (double)(1 << 20);

    /// <param name="owners">The number of owners.</param>
    /// <param name="bitsOf">The length of the vectors of each owner's filter.</param>
    /// <param name="wordsOf">The number of words of an owner whose vectors have a length.</param>
    /// <param name="rounds">How often to measure.</param>
    public MatrixBenchmark(int owners, Func<Random, int> bitsOf, Func<int, int> wordsOf, int rounds)
    {
        var filters = new PartitionedBloomFilter[DeltaOwners];
        for (var owner = 0; owner < owners; owner++)
        {
            var bits = bitsOf(_random);
            var filter = NewFilter(bits, wordsOf(bits));
            if (!_matrix.TrySet(owner, filter))
            {
                throw new InvalidOperationException("The matrix has no memory left.");
            }

            if (owner % (owners / DeltaOwners) == 0)
            {
                filters[owner / (owners / DeltaOwners)] = filter;
            }
        }

        MeasureQueries(rounds);
        MeasureDeltas(filters, owners / DeltaOwners, rounds);
    }

    private PartitionedBloomFilter NewFilter(int bits, int words)
    {
        var filter = new PartitionedBloomFilter(bits, 3);
        for (var count = 0; count < words; count++)
        {
            var word = count < CommonWordsOfAnOwner ? (ulong)_random.Next(CommonWords) : (ulong)_random.NextInt64();
            filter.AddUnshared(filter.Hasher.Hash(word));
        }

        return filter;
    }

    private void MeasureQueries(int rounds)
    {
        BloomHash[] words = [.. Enumerable.Range(0, 2 * Queries).Select(_ => _matrix.Hasher.Hash((ulong)_random.Next(CommonWords)))];
        var found = new List<int>(1 << 16);
        var times = new List<double>();
        Case.WarmUp(() => AskAll());
        for (var round = 0; round < rounds; round++)
        {
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            OwnersFound = AskAll() / (double)Queries;
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / Queries);
            QueryBytes = (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / Queries;
        }

        QueryMicroseconds = Median(times);

        long AskAll()
        {
            var sum = 0L;
            for (var query = 0; query < Queries; query++)
            {
                found.Clear();
                sum += _matrix.Find(words.AsSpan(2 * query, 2), found);
            }

            return sum;
        }
    }

    private void MeasureDeltas(PartitionedBloomFilter[] filters, int step, int rounds)
    {
        var forward = new byte[filters.Length][];
        var backward = new byte[filters.Length][];
        for (var index = 0; index < filters.Length; index++)
        {
            var newer = filters[index].Snapshot();
            for (var count = 0; count < DeltaWords; count++)
            {
                newer.Add((ulong)_random.NextInt64());
            }

            forward[index] = newer.DeltaSince(filters[index]).ToBytes();
            backward[index] = filters[index].DeltaSince(newer).ToBytes();
        }

        var times = new List<double>();
        Case.WarmUp(ApplyForwardAndBackward);
        for (var round = 0; round < rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            ApplyForwardAndBackward();
            times.Add(Stopwatch.GetElapsedTime(started).TotalMicroseconds / (forward.Length + backward.Length));
        }

        DeltaMicroseconds = Median(times);

        void ApplyForwardAndBackward()
        {
            ApplyAll(forward);
            ApplyAll(backward);
        }

        void ApplyAll(byte[][] deltas)
        {
            for (var index = 0; index < deltas.Length; index++)
            {
                if (!_matrix.TryApply(index * step, BloomFormat.ReadDelta(deltas[index])))
                {
                    throw new InvalidOperationException("A delta was refused.");
                }
            }
        }
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);
}
