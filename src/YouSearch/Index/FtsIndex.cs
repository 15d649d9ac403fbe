using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.YouServ;

namespace P2P.YouSearch.Index;

/// <summary>
/// Keeps an index in one file, by SQLite's FTS5. What it holds can be made anew from the documents: a file that is damaged, or that another version has made, gives way to an empty index, which
/// <see cref="ListAsync"/> shows. One process opens a file at a time.
/// </summary>
public sealed class FtsIndex : ISearchIndex
{
    private readonly IndexDatabase _database;

    private FtsIndex(IndexDatabase database) => _database = database;

    /// <inheritdoc/>
    public long Beginnings => _database.Generation;

    /// <summary>Opens an index, and makes it where there is none.</summary>
    /// <param name="path">The file. Its folder is made where it is missing; SQLite keeps its log beside it. Others on the machine cannot read it.</param>
    /// <param name="logger">Is told when an index had to begin anew.</param>
    /// <param name="cancellationToken">Stops before the file is opened.</param>
    /// <exception cref="YouSearchException">The file belongs to something else, or cannot be written.</exception>
    public static async ValueTask<FtsIndex> OpenAsync(string path, ILogger? logger = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var database = new IndexDatabase(path, logger ?? NullLogger.Instance);
        await Task.Run(database.Open, cancellationToken).ConfigureAwait(false);
        return new FtsIndex(database);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IndexedFile>> ListAsync(CancellationToken cancellationToken = default) => _database.ReadAsync(IndexSearch.List, cancellationToken);

    /// <inheritdoc/>
    public ValueTask UpdateAsync(IReadOnlyList<IndexChange> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        return _database.WriteAsync(
            session =>
            {
                var batch = new IndexBatch(session);
                foreach (var change in changes)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    batch.Apply(change);
                }

                batch.Finish();
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IndexAnswer> SearchAsync(SearchQuery query, IReadOnlyCollection<string>? areas, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return _database.ReadAsync(session => IndexSearch.Search(session, query, areas, count, cancellationToken), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IndexHit?> DescribeAsync(SitePath path, SearchQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _database.ReadAsync(session => IndexSearch.Describe(session, path, query), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlySet<ulong>> ReadTermsAsync(IReadOnlyCollection<string>? areas, CancellationToken cancellationToken = default) =>
        _database.ReadAsync(session => IndexSearch.ReadTerms(session, areas), cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
