using P2P.YouServ.Http.Files;
using P2P.YouServ.Storage;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Knows the digests of all files and folders of a site. A look reads the files whose stamps are other than those that it remembers, and no others; so it finds also what somebody has changed in a copy.
/// </summary>
internal sealed class SiteIndex : IDisposable
{
    private const int FilesMax = 1_000_000;
    private const int DepthMax = 128;
    private const int WrittenTogether = 1000;

    /// <summary>How long ago a file must have changed at least: systems count in steps, within which another change would leave the stamp as it is.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(30);

    private readonly SiteFolder _folder;
    private readonly FileBook _book;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TimeProvider _clock;
    private volatile Dictionary<string, KnownFile> _known;
    private volatile IndexedFolder _root = IndexedFolder.Empty;

    private SiteIndex(SiteFolder folder, FileBook book, Dictionary<string, KnownFile> known, TimeProvider clock) => (_folder, _book, _known, _clock) = (folder, book, known, clock);

    /// <summary>The site as it was at the last look; empty before the first.</summary>
    public IndexedFolder Root => _root;

    /// <summary>Opens what is remembered of a folder.</summary>
    public static async Task<SiteIndex> OpenAsync(SiteFolder folder, SqliteDatabase database, TimeProvider clock)
    {
        var book = new FileBook(database);
        return new(folder, book, await book.ReadAsync().ConfigureAwait(false), clock);
    }

    /// <summary>Looks what is there now.</summary>
    /// <param name="serving">What belongs to the site.</param>
    /// <param name="written">The digests of files that were just written, by their paths: those need not be read again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all was at rest: a file that changes while it is read counts as it was before.</returns>
    /// <exception cref="YouServException">There are too many files.</exception>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public async Task<bool> LookAsync(SiteFilesOptions serving, IReadOnlyDictionary<string, HashedFile>? written, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_folder.Find(SitePath.Root).Kind != EntryKind.Folder)
            {
                throw new IOException("The site's folder cannot be read: it is gone, or nobody here may read it.");
            }

            var look = new Look(this, serving, written, cancellationToken);
            _root = await Task.Run(() => look.EnterAsync(SitePath.Root, _folder.Find(SitePath.Root).Stamp).AsTask(), cancellationToken).ConfigureAwait(false);
            await look.EndAsync().ConfigureAwait(false);
            return look.IsAtRest;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives the digests of a file's blocks.</summary>
    /// <param name="path">The file.</param>
    /// <param name="digest">The digest that it had at the last look.</param>
    /// <returns>They; null where it had another.</returns>
    public ValueTask<ContentDigest[]?> BlocksOfAsync(SitePath path, ContentDigest digest) => _book.ReadBlocksAsync(path.Value, digest);

    /// <summary>Tells whether a file is what it was at the last look.</summary>
    public bool IsUnchanged(SitePath path) => _known.TryGetValue(path.Value, out var known) && _folder.Find(path) is { Kind: EntryKind.File } entry && entry.Stamp == known.Stamp;

    /// <summary>Takes the stamp of a file that is to come into the folder.</summary>
    public FileStamp StampOf(string path)
    {
        using var file = File.OpenHandle(path);
        return _folder.StampOf(file);
    }

    /// <summary>Lists for each digest where a file of it was at the last look, and how long that was.</summary>
    public Dictionary<ContentDigest, (string Path, long Length)> PathsByDigest()
    {
        var paths = new Dictionary<ContentDigest, (string, long)>();
        foreach (var (path, file) in _known)
        {
            paths.TryAdd(file.Digest, (path, file.Stamp.Length));
        }

        return paths;
    }

    public void Dispose() => _turn.Dispose();

    private sealed class Look(SiteIndex index, SiteFilesOptions serving, IReadOnlyDictionary<string, HashedFile>? written, CancellationToken cancellationToken)
    {
        private static readonly long MomentMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

        private readonly Dictionary<string, KnownFile> _found = new(StringComparer.Ordinal);
        private readonly List<FileStamp> _above = [];
        private List<HashedFile> _changed = [];

        public bool IsAtRest { get; private set; } = true;

        public async ValueTask<IndexedFolder> EnterAsync(SitePath path, FileStamp stamp)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (entries, folders) = (new List<TreeEntry>(), new Dictionary<string, IndexedFolder>(StringComparer.Ordinal));
            if (index._folder.ListWhole(path) is not { } list)
            {
                return Keep(path);
            }

            _above.Add(stamp);
            foreach (var (name, entry) in list)
            {
                var inner = path.Append(name);
                if (!serving.Serves(inner))
                {
                    continue;
                }

                if (entry.Kind == EntryKind.Folder && _above.Count < DepthMax && !IsAbove(entry.Stamp))
                {
                    var folder = await EnterAsync(inner, entry.Stamp).ConfigureAwait(false);
                    folders.Add(name, folder);
                    entries.Add(new(name, IsFolder: true, 0, 0, folder.Digest));
                }
                else if (entry.Kind == EntryKind.File && await ReadAsync(inner, entry.Stamp).ConfigureAwait(false) is { } file)
                {
                    entries.Add(new(name, IsFolder: false, file.Stamp.Length, Math.Clamp(file.Stamp.Modified / 1_000_000, 0, MomentMax), file.Digest));
                }
            }

            _above.RemoveAt(_above.Count - 1);
            entries.Sort(TreeEntry.Order);
            return new(entries, folders);
        }

        /// <summary>A folder that cannot be read for a moment is not one whose files are deleted.</summary>
        private IndexedFolder Keep(SitePath path)
        {
            IsAtRest = false;
            var inside = index._known.Where(known => path.IsRoot || known.Key.StartsWith($"{path.Value}/", StringComparison.Ordinal)).ToList();
            var folder = index.Root.Find(path) ?? (inside.Count == 0 ? IndexedFolder.Empty : throw new IOException($"The folder {path} of the site cannot be read."));
            foreach (var (known, file) in inside)
            {
                _found[known] = file;
            }

            return folder;
        }

        public async ValueTask EndAsync()
        {
            await WriteAsync([.. index._known.Keys.Where(path => !_found.ContainsKey(path))]).ConfigureAwait(false);
            index._known = _found;
        }

        /// <summary>A link may lead to a folder that is being looked at.</summary>
        private bool IsAbove(FileStamp stamp) => stamp.Node != 0 && _above.Exists(above => above.Node == stamp.Node && above.Device == stamp.Device);

        private async ValueTask<KnownFile?> ReadAsync(SitePath path, FileStamp stamp)
        {
            if (_found.Count >= FilesMax)
            {
                throw new YouServException($"The site has more than {FilesMax} files, which are too many to be copied.");
            }

            var isKnown = index._known.TryGetValue(path.Value, out var known);
            if (!isKnown || known.Stamp != stamp)
            {
                if ((Written(path, stamp) ?? Hash(path)) is { } file)
                {
                    known = file.File;
                    if (!HasSettled(stamp))
                    {
                        IsAtRest = false;
                        known = known with { Stamp = known.Stamp with { Changed = 0 } };
                    }

                    _changed.Add(file with { File = known });
                    if (_changed.Count >= WrittenTogether)
                    {
                        await WriteAsync([]).ConfigureAwait(false);
                    }
                }
                else
                {
                    // It changes, or is gone: what it was stays for now.
                    IsAtRest = false;
                    if (!isKnown)
                    {
                        return null;
                    }
                }
            }

            _found[path.Value] = known;
            return known;
        }

        private bool HasSettled(FileStamp stamp) => written is not null || (index._clock.GetUtcNow() - stamp.ChangedAt).Duration() > Settled;

        /// <summary>Renaming a file gives it another stamp, but not another content.</summary>
        private HashedFile? Written(SitePath path, FileStamp stamp) =>
            written is not null && written.TryGetValue(path.Value, out var file) && file.File.Stamp with { Changed = stamp.Changed } == stamp
                ? file with { File = file.File with { Stamp = stamp } }
                : null;

        private HashedFile? Hash(SitePath path)
        {
            using var file = index._folder.OpenFile(path, out var entry);
            if (file is null)
            {
                return null;
            }

            try
            {
                var blocks = FileHasher.Hash(file, entry.Stamp.Length, cancellationToken);
                return index._folder.StampOf(file) == entry.Stamp ? new(path.Value, new(entry.Stamp, ContentDigest.OfBlocks(blocks)), blocks) : null;
            }
            catch (Exception failure) when (failure is IOException || (failure is AggregateException several && several.InnerExceptions.All(inner => inner is IOException)))
            {
                return null;
            }
        }

        private async ValueTask WriteAsync(IReadOnlyCollection<string> gone)
        {
            if (_changed.Count > 0 || gone.Count > 0)
            {
                await index._book.WriteAsync(_changed, gone).ConfigureAwait(false);
                _changed = [];
            }
        }
    }
}
