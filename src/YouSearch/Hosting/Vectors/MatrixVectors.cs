using P2P.Bloom;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch.Hosting;

/// <summary>Holds all vectors in this process.</summary>
/// <param name="memoryMax">The bytes that the summaries of each scope may take.</param>
internal sealed class MatrixVectors(long memoryMax) : ISummaryVectors
{
    [ThreadStatic]
    private static List<int>? _numbers;

    private readonly BloomFilterMatrix<int> _public = New(memoryMax);
    private readonly BloomFilterMatrix<int> _members = New(memoryMax);

    public int Parts => 1;

    public long MemoryBytes => _public.MemoryBytes + _members.MemoryBytes;

    public bool IsLacking(SummaryScope scope, int site) => !Of(scope).TryGetFingerprint(site, out _);

    public ValueTask<VectorOutcome> SetAsync(SummaryScope scope, int site, PartitionedBloomFilter filter) =>
        new(Of(scope).TrySet(site, filter) ? VectorOutcome.Done : VectorOutcome.Full);

    public ValueTask<VectorOutcome> ChangeAsync(SummaryScope scope, int site, SummaryNews.Changes changes) =>
        new(Of(scope).TryApply(site, changes.Parts[0]) ? VectorOutcome.Done : VectorOutcome.Lacking);

    public ValueTask RemoveAsync(SummaryScope scope, int site)
    {
        Of(scope).Remove(site);
        return default;
    }

    public ValueTask<bool> FindAsync(SummaryScope scope, BloomHash[][] alternatives, SiteSet found, CancellationToken cancellationToken)
    {
        Find(Of(scope), alternatives, found);
        return new(true);
    }

    public ValueTask CheckAsync(CancellationToken cancellationToken) => default;

    public ValueTask DisposeAsync() => default;

    /// <summary>Adds the sites of a matrix to a set that may hold all hashes of one of the alternatives.</summary>
    public static void Find(BloomFilterMatrix<int> matrix, ReadOnlySpan<BloomHash[]> alternatives, SiteSet found)
    {
        var numbers = _numbers ??= [];
        foreach (var hashes in alternatives)
        {
            numbers.Clear();
            matrix.Find(hashes, numbers);
            foreach (var number in numbers)
            {
                found.Add(number);
            }
        }
    }

    private static BloomFilterMatrix<int> New(long memoryMax) => new(new() { HashCount = SummaryFilter.Vectors, BitsMax = SummaryFilter.BitsMax, MemoryMax = memoryMax });

    private BloomFilterMatrix<int> Of(SummaryScope scope) => scope == SummaryScope.Public ? _public : _members;
}
