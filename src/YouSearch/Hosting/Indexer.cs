using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Keeps the index of one site what the site is. A look reads files whose stamps are others than those in the index, and no others; what has another name only is not read into the index anew.</summary>
internal sealed partial class Indexer(
    ServedSite site, ISearchIndex index, IReadOnlyList<ITextExtractor> extractors, ExtractionLimits limits, SitePath leftOut, int filesMax, Func<IReadOnlyList<SitePath>> agreed, TimeProvider clock, ILogger logger)
{
    private const int FilesTogether = 64;
    private const long BytesTogether = 16 << 20;
    private const int ReadAtOnceMax = 4 << 20;

    /// <summary>Marks a stamp that does not tell two states apart: the file had just been changed, and systems count time in steps.</summary>
    private const string UnsettledMark = "?";

    /// <summary>Marks a file that could not be read, and is tried again whenever the site is looked at.</summary>
    private const string RetryMark = "!";

    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(30);

    private readonly Dictionary<string, IndexedFile> _known = new(StringComparer.Ordinal);
    private volatile IReadOnlyCollection<string> _areas = [];
    private volatile AreaMap _map = AreaMap.Empty;
    private long _beginnings;
    private bool _hasNews;

    /// <summary>How the site was divided when it was last looked at.</summary>
    public AreaMap Map => _map;

    /// <summary>The areas that have files.</summary>
    public IReadOnlyCollection<string> Areas => _areas;

    /// <summary>How many files are in the index.</summary>
    public int Count => _known.Count;

    /// <summary>Takes over what is in the index already.</summary>
    /// <remarks>Who may find what is not known before the first look: nobody but the owner finds anything until then.</remarks>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        _beginnings = index.Beginnings;
        _known.Clear();
        foreach (var file in await index.ListAsync(cancellationToken).ConfigureAwait(false))
        {
            _known[file.Path.Value] = file;
        }
    }

    /// <summary>Tells, once, whether something has become other than before: also by looks that have failed after a part.</summary>
    public bool TakeNews()
    {
        var hasNews = _hasNews;
        _hasNews = false;
        return hasNews;
    }

    /// <summary>Looks what has changed, and brings the index up to date.</summary>
    /// <returns>Whether all was at rest: else another look is due soon. <see cref="TakeNews"/> tells whether something has changed.</returns>
    /// <exception cref="IOException">The site's folder cannot be read now; the index stays as it is.</exception>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (_beginnings != index.Beginnings)
        {
            // The index was damaged, and has begun anew with nothing.
            await OpenAsync(cancellationToken).ConfigureAwait(false);
            _hasNews = true;
        }

        var map = new AreaMap(site.Rules.Select(rule => rule.Path), agreed());
        var inspection = await Task.Run(() => Inspection.Of(_known, site.ListFiles(cancellationToken).Where(file => !file.Path.IsWithin(leftOut)), map, filesMax), cancellationToken).ConfigureAwait(false);
        var look = new Look(this, inspection, map, cancellationToken);
        await look.RunAsync().ConfigureAwait(false);
        _areas = _known.Values.Select(file => file.Area).ToHashSet(StringComparer.Ordinal);
        _map = map;
        return look.IsAtRest;
    }

    /// <summary>Finds out what is in a file.</summary>
    /// <returns>What is to be said of it; null where it is gone, or changes while it is read.</returns>
    private async Task<IndexChange.Put?> ReadAsync(SiteFile listed, AreaMap map, Func<string, bool> isKnownContent, CancellationToken cancellationToken)
    {
        var stream = site.OpenRead(listed.Path, out var file);
        if (stream is null || file is null)
        {
            return null;
        }

        await using (stream.ConfigureAwait(false))
        {
            var (mark, digest, text) = ("", "", (ExtractedText?)null);
            try
            {
                (digest, text) = await ReadContentAsync(stream, file, isKnownContent, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // Locked by its program, or on a damaged disk: one file must not keep the others from being found.
                LogUnread(site.Host, file.Path, failure.Message);
                mark = RetryMark;
            }

            if (site.FindFile(file.Path)?.Stamp != file.Stamp)
            {
                return null;
            }

            var hasSettled = (clock.GetUtcNow() - file.ModifiedAt).Duration() > Settled;
            var indexed = new IndexedFile
            {
                Path = file.Path,
                Stamp = hasSettled || mark.Length > 0 ? file.Stamp + mark : file.Stamp + UnsettledMark,
                Digest = digest,
                Area = map.AreaOf(file.Path),
                HasText = text is not null,
            };
            return new IndexChange.Put(indexed, file.Length, file.ModifiedAt, text);
        }
    }

    private async Task<(string Digest, ExtractedText? Text)> ReadContentAsync(Stream stream, SiteFile file, Func<string, bool> isKnownContent, CancellationToken cancellationToken)
    {
        var extractor = extractors.FirstOrDefault(extractor => extractor.Reads(file.Path.Name));
        if (file.Length > limits.LengthMax)
        {
            // Reading it whole for its digest alone would take longer than it is worth.
            return ("", extractor is null ? null : await ExtractAsync(extractor, stream, file, cancellationToken).ConfigureAwait(false));
        }

        if (file.Length > ReadAtOnceMax)
        {
            var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
            stream.Position = 0;
            return (digest, extractor is null || isKnownContent(digest) ? null : await ExtractAsync(extractor, stream, file, cancellationToken).ConfigureAwait(false));
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)file.Length + 1);
        try
        {
            var length = await stream.ReadAtLeastAsync(buffer.AsMemory(0, (int)file.Length + 1), (int)file.Length + 1, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var digest = Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, length)));
            using var content = new MemoryStream(buffer, 0, length, writable: false);
            return (digest, extractor is null || isKnownContent(digest) ? null : await ExtractAsync(extractor, content, file, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<ExtractedText?> ExtractAsync(ITextExtractor extractor, Stream content, SiteFile file, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(limits.TimeMax, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await extractor.ExtractAsync(content, file.Path.Name, limits, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            LogUnread(site.Host, file.Path, $"It took longer than {limits.TimeMax}.");
            return null;
        }
#pragma warning disable CA1031 // Documents are hostile, and extractors may be anybody's: whatever one throws, the document is found by its name, and all others by their words.
        catch (Exception failure) when (failure is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogUnread(site.Host, file.Path, failure.Message);
            return null;
        }
    }

    /// <summary>One look, from the comparison to the index.</summary>
    private sealed class Look(Indexer indexer, Inspection inspection, AreaMap map, CancellationToken cancellationToken)
    {
        private readonly Dictionary<string, IndexedFile> _goneByDigest = ByDigest(inspection.Gone.Values);
        private readonly HashSet<string> _goneDigests = inspection.Gone.Values.Select(file => file.Digest).Where(digest => digest.Length > 0).ToHashSet(StringComparer.Ordinal);
        private readonly List<IndexChange> _changes = [];
        private IReadOnlyList<IndexChange> _written = [];
        private Task _writing = Task.CompletedTask;

        public bool IsAtRest { get; private set; } = true;

        public async Task RunAsync()
        {
            try
            {
                foreach (var (known, file) in inspection.Shifted)
                {
                    await AddAsync(new IndexChange.Moved(file.Path, known with { Area = map.AreaOf(file.Path) }, file.ModifiedAt)).ConfigureAwait(false);
                }

                foreach (var batch in Batches(inspection.Changed))
                {
                    var read = new IndexChange.Put?[batch.Count];
                    await Parallel.ForAsync(0, batch.Count, cancellationToken, async (at, token) =>
                        read[at] = await indexer.ReadAsync(batch[at], map, digest => IsKnownContent(batch[at].Path, digest), token).ConfigureAwait(false)).ConfigureAwait(false);
                    foreach (var (file, put) in batch.Zip(read))
                    {
                        await TakeAsync(file, put).ConfigureAwait(false);
                    }

                    await FlushAsync().ConfigureAwait(false);
                }

                foreach (var gone in inspection.Gone.Values)
                {
                    await AddAsync(new IndexChange.Removed(gone.Path)).ConfigureAwait(false);
                }

                await FlushAsync().ConfigureAwait(false);
            }
            finally
            {
                await EndWritingAsync().ConfigureAwait(false);
            }
        }

        private async ValueTask TakeAsync(SiteFile file, IndexChange.Put? put)
        {
            if (put is null)
            {
                // It changes, or is gone: what the index has of it stays for now.
                IsAtRest = false;
                return;
            }

            IsAtRest &= !put.File.Stamp.EndsWith(UnsettledMark, StringComparison.Ordinal);
            if (indexer._known.TryGetValue(file.Path.Value, out var before) && before.Digest == put.File.Digest && before.Digest.Length > 0)
            {
                if (before.Stamp != put.File.Stamp || before.Area != put.File.Area)
                {
                    await AddAsync(new IndexChange.Moved(file.Path, put.File with { HasText = before.HasText }, put.ModifiedAt), isNews: before.Area != put.File.Area).ConfigureAwait(false);
                }
            }
            else if (put.File.Digest.Length > 0 && _goneByDigest.Remove(put.File.Digest, out var gone))
            {
                inspection.Gone.Remove(gone.Path.Value);
                await AddAsync(new IndexChange.Moved(gone.Path, put.File with { HasText = gone.HasText }, put.ModifiedAt)).ConfigureAwait(false);
            }
            else if (put.Text is null && put.File.Digest.Length > 0 && IsKnownContent(file.Path, put.File.Digest))
            {
                // Its text was left out for one of the same content that another file of this look has taken.
                IsAtRest = false;
            }
            else if (before is null || before.Stamp != put.File.Stamp || before.HasText || put.File.HasText)
            {
                await AddAsync(put).ConfigureAwait(false);
            }
        }

        /// <summary>Whether the index has the text of a content under a name that is gone, or under the very name of the file.</summary>
        private bool IsKnownContent(SitePath path, string digest) => _goneDigests.Contains(digest) || (indexer._known.TryGetValue(path.Value, out var known) && known.Digest == digest);

        private ValueTask AddAsync(IndexChange change, bool isNews = true)
        {
            indexer._hasNews |= isNews;
            _changes.Add(change);
            return _changes.Count >= FilesTogether ? FlushAsync() : default;
        }

        /// <summary>Writes while the next files are read.</summary>
        private async ValueTask FlushAsync()
        {
            await EndWritingAsync().ConfigureAwait(false);
            if (_changes.Count > 0)
            {
                _written = [.. _changes];
                _changes.Clear();
                _writing = Task.Run(() => indexer.WriteAsync(_written, cancellationToken), cancellationToken);
            }
        }

        private async ValueTask EndWritingAsync()
        {
            await _writing.ConfigureAwait(false);
            foreach (var change in _written)
            {
                indexer.Note(change);
            }

            _written = [];
        }

        private static Dictionary<string, IndexedFile> ByDigest(IEnumerable<IndexedFile> files)
        {
            var byDigest = new Dictionary<string, IndexedFile>(StringComparer.Ordinal);
            foreach (var file in files)
            {
                if (file.Digest.Length > 0)
                {
                    byDigest.TryAdd(file.Digest, file);
                }
            }

            return byDigest;
        }

        /// <summary>Cuts the work into parts that are in memory at once.</summary>
        private static IEnumerable<List<SiteFile>> Batches(List<SiteFile> files)
        {
            var (batch, bytes) = (new List<SiteFile>(), 0L);
            foreach (var file in files)
            {
                if (batch.Count > 0 && (batch.Count >= FilesTogether || bytes + file.Length > BytesTogether))
                {
                    yield return batch;
                    (batch, bytes) = ([], 0);
                }

                batch.Add(file);
                bytes += file.Length;
            }

            if (batch.Count > 0)
            {
                yield return batch;
            }
        }
    }

    private async Task WriteAsync(IReadOnlyList<IndexChange> changes, CancellationToken cancellationToken) => await index.UpdateAsync(changes, cancellationToken).ConfigureAwait(false);

    private void Note(IndexChange change)
    {
        switch (change)
        {
            case IndexChange.Put put:
                _known[put.File.Path.Value] = put.File;
                break;
            case IndexChange.Moved moved:
                _known.Remove(moved.From.Value);
                _known[moved.File.Path.Value] = moved.File;
                break;
            case IndexChange.Removed removed:
                _known.Remove(removed.Path.Value);
                break;
        }
    }

    [LoggerMessage(6101, LogLevel.Information, "At {Host}, {Path} is found by its name only: it could not be read. {Reason}")]
    private partial void LogUnread(string host, SitePath path, string reason);
}
