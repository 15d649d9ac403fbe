using System.Buffers;
using System.Collections.Concurrent;
using BackupTool.Chunks;
using BackupTool.Repository;
using P2P.Past;

namespace BackupTool.Packs;

/// <summary>
/// Takes chunks into the repository: seals those that are new, packs them, sends the packs, a few at a time, and from time to time writes down in an index what is there. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Data and folders go into packs of their own, so that whoever reads folders fetches few. A pack's id follows from this run and from its number: what a run has sent that was broken off is found by whoever
/// comes next (<see cref="OrphanSearch"/>).
/// </remarks>
internal sealed class PackSink : IDisposable
{
    private const string PackName = "pack";

    /// <summary>After so many bytes an index is written, so that a later run need not search for them.</summary>
    private const long IndexedBytes = 256L * 1024 * 1024;

    /// <summary>And after so long, so that nobody takes the run for broken off.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(30);

    private readonly BackupRepository _repository;
    private readonly ChunkIndex _index;
    private readonly string _host;
    private readonly TimeProvider _time;
    private readonly Action<long> _sent;
    private readonly ConcurrentDictionary<ChunkId, byte> _underWay = new();
    private readonly Lock _gate = new();
    private readonly PackBuilder _data;
    private readonly PackBuilder _folders;
    private readonly SemaphoreSlim _coders = new(Environment.ProcessorCount + 1);
    private readonly SemaphoreSlim _senders;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly ConcurrentBag<Task> _sending = [];
    private readonly ConcurrentQueue<Pack> _sentPacks = [];
    private readonly List<Pack> _unindexed = [];
    private readonly HashSet<int> _complete = [];
    private readonly Lazy<Task> _announced;
    private int _indexed;
    private long _announcedAt;
    private long _unindexedBytes;
    private long _addedBytes;
    private long _addedChunks;
    private long _storedBytes;

    /// <param name="repository">Where the chunks go.</param>
    /// <param name="index">What is there already; learns of what is added.</param>
    /// <param name="host">Who backs up.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sent">Learns how many bytes more the ring holds.</param>
    /// <param name="packsAtOnce">How many packs are under way at a time, 1 or more; each takes 16 MiB of memory, and more while it is sent.</param>
    public PackSink(BackupRepository repository, ChunkIndex index, string host, TimeProvider time, Action<long> sent, int packsAtOnce = 3)
    {
        (_repository, _index, _host, _time, _sent) = (repository, index, host, time, sent);
        _senders = new SemaphoreSlim(packsAtOnce);
        _indexed = repository.NextPack;
        _announcedAt = time.GetTimestamp();
        _data = new PackBuilder(repository.Sealer);
        _folders = new PackBuilder(repository.Sealer);
        _announced = new Lazy<Task>(() => _repository.Heads.ChangeAsync(Announce, CancellationToken.None));
    }

    /// <summary>The bytes of chunks that were new, before they were compressed.</summary>
    public long AddedBytes => Interlocked.Read(ref _addedBytes);

    public long AddedChunks => Interlocked.Read(ref _addedChunks);

    /// <summary>What they take in packs.</summary>
    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    /// <summary>The packs that it has sent.</summary>
    public IReadOnlyCollection<Pack> SentPacks => _sentPacks;

    /// <summary>The run as its session names it.</summary>
    public string Run => Convert.ToBase64String(_repository.Sealer.Run);

    /// <summary>Takes a chunk, unless it is there already.</summary>
    /// <param name="chunk">The chunk, which must not change until this completes.</param>
    /// <param name="isFolder">Whether it holds a folder's entries.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its id; it is safe only after <see cref="FlushAsync"/>.</returns>
    public async ValueTask<ChunkId> AddAsync(ReadOnlyMemory<byte> chunk, bool isFolder, CancellationToken cancellationToken)
    {
        var id = _repository.Keys.Name(chunk.Span);
        if (_index.Contains(id) || !_underWay.TryAdd(id, 0))
        {
            return id;
        }

        await _coders.WaitAsync(cancellationToken);
        var stored = ArrayPool<byte>.Shared.Rent(ChunkCoder.StoredLengthMax(chunk.Length));
        Task? sending = null;
        try
        {
            var packed = _repository.Coder.Encode(id, chunk.Span, stored);
            Interlocked.Add(ref _addedBytes, chunk.Length);
            Interlocked.Increment(ref _addedChunks);
            Interlocked.Add(ref _storedBytes, packed.StoredLength);
            lock (_gate)
            {
                var builder = isFolder ? _folders : _data;
                if (!builder.HasRoomFor(packed.StoredLength))
                {
                    sending = Send(builder, cancellationToken);
                }

                builder.Add(packed, stored.AsSpan(0, packed.StoredLength));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
            _coders.Release();
        }

        if (sending is not null)
        {
            // Who makes packs faster than the ring takes them waits here, and sees at once when it takes none.
            await _senders.WaitAsync(cancellationToken);
            _senders.Release();
            if (sending.IsFaulted)
            {
                await sending;
            }
        }

        return id;
    }

    /// <summary>Takes packs of an earlier run that no index knows yet.</summary>
    public void Adopt(IEnumerable<Pack> packs)
    {
        foreach (var pack in packs)
        {
            _index.Add(pack);
            lock (_gate)
            {
                _unindexed.Add(pack);
            }
        }
    }

    /// <summary>Sends what is left. Afterwards all that was added is in the ring, but only <see cref="WriteIndexAsync"/> makes it known.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var builder in (PackBuilder[])[_data, _folders])
            {
                if (builder.Count > 0)
                {
                    _ = Send(builder, cancellationToken);
                }
            }
        }

        await Task.WhenAll(_sending);
    }

    /// <summary>Writes an index of what the ring holds by now and no index tells.</summary>
    /// <returns>The index's id, for the catalog; null where there is nothing to tell.</returns>
    public async Task<FileId?> WriteIndexAsync(CancellationToken cancellationToken)
    {
        Pack[] packs;
        lock (_gate)
        {
            packs = [.. _unindexed];
            _unindexed.Clear();
            _unindexedBytes = 0;
            while (_complete.Remove(_indexed))
            {
                _indexed++;
            }
        }

        return packs.Length == 0 ? null : await _repository.Shelf.StoreAsync("index", IndexFormat.Write(_repository.Sealer, packs), cancellationToken);
    }

    /// <summary>Waits for what is under way, whatever comes of it.</summary>
    public async Task SettleAsync() => await Task.WhenAll(_sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose()
    {
        _coders.Dispose();
        _senders.Dispose();
        _writing.Dispose();
    }

    /// <summary>Begins to send a pack; under the gate, which gives packs and their numbers one order.</summary>
    private Task Send(PackBuilder builder, CancellationToken cancellationToken)
    {
        var (content, chunks) = builder.Take();
        var number = _repository.TakePackNumber();
        var sending = Task.Run(() => SendAsync(number, content, chunks, cancellationToken), cancellationToken);
        _sending.Add(sending);
        return sending;
    }

    private async Task SendAsync(int number, ReadOnlyMemory<byte> content, IReadOnlyList<PackedChunk> chunks, CancellationToken cancellationToken)
    {
        await _senders.WaitAsync(cancellationToken);
        try
        {
            await _announced.Value;
            var file = await _repository.Shelf.StoreAsync(PackName, _repository.Sealer.Run, number, content, cancellationToken)
                ?? throw new BackupException($"The ring holds another file where pack {number} of this run belongs; run the command again.");
            var pack = new Pack(file, content.Length, _repository.Sealer.Run, chunks);
            _index.Add(pack);
            _sentPacks.Enqueue(pack);
            _sent(content.Length);
            lock (_gate)
            {
                _unindexed.Add(pack);
                _complete.Add(number);
                _unindexedBytes += content.Length;
            }

            if (IsTimeForIndex)
            {
                await MakeKnownAsync(cancellationToken);
            }
        }
        finally
        {
            _senders.Release();
        }
    }

    private bool IsTimeForIndex => Interlocked.Read(ref _unindexedBytes) >= IndexedBytes || _time.GetElapsedTime(Interlocked.Read(ref _announcedAt)) >= Silence;

    private async Task MakeKnownAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (IsTimeForIndex && await WriteIndexAsync(cancellationToken) is { } index)
            {
                Interlocked.Exchange(ref _announcedAt, _time.GetTimestamp());
                await _repository.Heads.ChangeAsync(catalog => Renew(catalog) with { Indexes = [.. catalog.Indexes.Union([index.ToString()])] }, cancellationToken);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    private Catalog Renew(Catalog catalog) => catalog.Sessions.Any(session => session.Run == Run)
        ? Announce(catalog)
        : throw new BackupException("A prune has taken this run for broken off, and takes back what it has stored: there was no sign of it for hours. Run the command again.");

    private Catalog Announce(Catalog catalog) => catalog with
    {
        Sessions = [.. catalog.Sessions.Where(session => session.Run != Run), new Session(Run, _host, _time.GetUtcNow(), _indexed)],
    };
}
