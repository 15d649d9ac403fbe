using BackupTool.Repository;

namespace BackupTool.Packs;

/// <summary>
/// Is what the repository learns of a run that stores packs: that it goes on, how far its packs are in an index, and these indexes. Whoever prunes spares the packs of a run that was heard of within some hours.
/// Safe for concurrent use.
/// </summary>
internal sealed class RunRecord(BackupRepository repository, string host, TimeProvider time) : IDisposable
{
    /// <summary>After so many bytes an index is written, so that a later run need not search for them.</summary>
    private const long IndexedBytes = 256L * 1024 * 1024;

    /// <summary>So often the run says that it goes on.</summary>
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromMinutes(30);

    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _gate = new();
    private readonly List<Pack> _unindexed = [];
    private readonly List<Pack> _sent = [];
    private readonly HashSet<int> _complete = [];
    private readonly HashSet<string> _indexes = [];
    private int _indexed = repository.NextPack;
    private long _unindexedBytes;
    private long _renewedAt;
    private bool _isAnnounced;

    /// <summary>The run, as its session names it.</summary>
    public string Run { get; } = Convert.ToBase64String(repository.Sealer.Run);

    /// <summary>The packs that the run has stored.</summary>
    public IReadOnlyList<Pack> Sent
    {
        get
        {
            lock (_gate)
            {
                return [.. _sent];
            }
        }
    }

    /// <summary>The indexes that the run has put into the catalog.</summary>
    public IReadOnlySet<string> Indexes => _indexes;

    private bool IsTime => Interlocked.Read(ref _unindexedBytes) >= IndexedBytes || time.GetElapsedTime(Interlocked.Read(ref _renewedAt)) >= RenewalInterval;

    /// <summary>Says that the run has begun; before its first pack, so that whatever becomes of it is found.</summary>
    public async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _isAnnounced))
        {
            return;
        }

        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (!_isAnnounced)
            {
                Interlocked.Exchange(ref _renewedAt, time.GetTimestamp());
                await repository.Heads.ChangeAsync(With, cancellationToken);
                Volatile.Write(ref _isAnnounced, true);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Notes a pack that the ring holds now.</summary>
    public async Task AddAsync(Pack pack, int number, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _sent.Add(pack);
            _unindexed.Add(pack);
            _complete.Add(number);
            _unindexedBytes += pack.Length;
        }

        await RenewAsync(cancellationToken);
    }

    /// <summary>Notes a pack of another run that no index knows.</summary>
    public void Adopt(Pack pack)
    {
        lock (_gate)
        {
            _unindexed.Add(pack);
        }
    }

    /// <summary>Writes an index and says that the run goes on, where it is time.</summary>
    /// <exception cref="BackupException">Somebody has taken the run for broken off.</exception>
    public async ValueTask RenewAsync(CancellationToken cancellationToken)
    {
        if (!Volatile.Read(ref _isAnnounced) || !IsTime)
        {
            return;
        }

        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (IsTime)
            {
                var indexes = await WriteIndexesAsync(cancellationToken);
                Interlocked.Exchange(ref _renewedAt, time.GetTimestamp());
                await repository.Heads.ChangeAsync(catalog => With(Require(catalog)) with { Indexes = [.. catalog.Indexes.Union(indexes)] }, cancellationToken);
                _indexes.UnionWith(indexes);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Writes indexes of what the ring holds by now and no index tells; the caller puts them into the catalog.</summary>
    public async Task<IReadOnlyList<string>> WriteIndexesAsync(CancellationToken cancellationToken)
    {
        Pack[] packs;
        HashSet<int> numbers;
        lock (_gate)
        {
            packs = [.. _unindexed];
            numbers = [.. _complete];
        }

        var indexes = await repository.StoreIndexesAsync(packs, cancellationToken);
        lock (_gate)
        {
            _unindexed.RemoveRange(0, packs.Length);
            _unindexedBytes = _unindexed.Sum(pack => (long)pack.Length);
            while (numbers.Contains(_indexed) && _complete.Remove(_indexed))
            {
                _indexed++;
            }
        }

        return [.. indexes.Select(index => index.ToString())];
    }

    /// <summary>Makes sure that the catalog still knows of the run, where it has stored something.</summary>
    /// <exception cref="BackupException">Somebody has taken it for broken off, and takes back what it has stored.</exception>
    public Catalog Require(Catalog catalog) => !_isAnnounced || catalog.Sessions.Any(session => session.Run == Run)
        ? catalog
        : throw new BackupException("A prune has taken this run for broken off, and takes back what it has stored: there was no sign of it for hours. Run the command again.");

    public void Dispose() => _writing.Dispose();

    private Catalog With(Catalog catalog) => catalog with
    {
        Sessions = [.. catalog.Sessions.Where(session => session.Run != Run), new Session(Run, host, time.GetUtcNow(), _indexed)],
    };
}
