using P2P.YouSearch;
using P2P.YouServ;

namespace Consumer.Seams;

/// <summary>Keeps the words of a site in memory, and looks at all of them for each query.</summary>
internal sealed class WordIndex : ISearchIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SitePath, WordIndexEntry> _entries = [];

    public ValueTask<IReadOnlyList<IndexedFile>> ListAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return new([.. _entries.Values.Select(entry => entry.File)]);
        }
    }

    public ValueTask UpdateAsync(IReadOnlyList<IndexChange> changes, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            foreach (var change in changes)
            {
                Apply(change);
            }
        }

        return default;
    }

    public ValueTask<IndexAnswer> SearchAsync(SearchQuery query, IReadOnlyCollection<string>? areas, int count, CancellationToken cancellationToken = default)
    {
        var entries = In(areas);
        var matching = entries.Where(entry => entry.Matches(query)).OrderByDescending(entry => query.Parts.Sum(entry.FrequencyOf)).ToList();
        return new(new IndexAnswer
        {
            Documents = entries.Count,
            Words = entries.Sum(entry => (long)entry.Words.Count),
            PartDocuments = [.. query.Parts.Select(part => entries.LongCount(entry => entry.FrequencyOf(part) > 0))],
            Matches = matching.Count,
            Hits = [.. matching.Take(count).Select(entry => entry.ToHit(query))],
        });
    }

    public ValueTask<IndexHit?> DescribeAsync(SitePath path, SearchQuery query, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            return new(_entries.GetValueOrDefault(path)?.ToHit(query));
        }
    }

    public ValueTask<IReadOnlySet<ulong>> ReadTermsAsync(IReadOnlyCollection<string>? areas, CancellationToken cancellationToken = default) =>
        new(In(areas).SelectMany(entry => SummaryTerms.OfDocument(entry.File.Path, entry.Text)).ToHashSet());

    public ValueTask DisposeAsync() => default;

    private List<WordIndexEntry> In(IReadOnlyCollection<string>? areas)
    {
        lock (_gate)
        {
            return [.. _entries.Values.Where(entry => areas is null || areas.Contains(entry.File.Area))];
        }
    }

    private void Apply(IndexChange change)
    {
        switch (change)
        {
            case IndexChange.Put put:
                _entries[put.File.Path] = new(put.File, put.Length, put.ModifiedAt, put.Text);
                break;
            case IndexChange.Moved moved when _entries.Remove(moved.From, out var entry):
                _entries[moved.File.Path] = new(moved.File, entry.Length, moved.ModifiedAt, entry.Text);
                break;
            case IndexChange.Removed removed:
                _entries.Remove(removed.Path);
                break;
        }
    }
}
