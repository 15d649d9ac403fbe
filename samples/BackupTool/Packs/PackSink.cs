using System.Buffers;
using System.Collections.Concurrent;
using BackupTool.Chunks;
using BackupTool.Repository;
using BackupTool.Ring;

namespace BackupTool.Packs;

/// <summary>
/// Takes chunks into the repository: seals those that are new, packs them, sends the packs, a few at a time, and from time to time writes down in an index what is there. Safe for concurrent use.
/// </summary>
/// <remarks>
/// Data and folders go into packs of their own, so that whoever reads folders fetches few. A pack's id follows from this run and from its number: what a run has sent that was broken off is found by whoever
/// comes next (<see cref="OrphanSearch"/>). Once something fails, nothing more is taken.
/// </remarks>
internal sealed class PackSink : IDisposable
{
    /// <summary>How many packs are under way at a time; each takes 16 MiB of memory, and more while it is sent.</summary>
    public const int PacksAtOnce = 3;

    private readonly BackupRepository _repository;
    private readonly ChunkIndex _index;
    private readonly RunRecord _record;
    private readonly Action<long> _sent;
    private readonly ConcurrentDictionary<ChunkId, byte> _underWay = new();
    private readonly Lock _gate = new();
    private readonly PackBuilder _data;
    private readonly PackBuilder _folders;
    private readonly SemaphoreSlim _coders = new(Environment.ProcessorCount + 1);
    private readonly SemaphoreSlim _senders = new(PacksAtOnce);
    private readonly CancellationTokenSource _failed = new();
    private readonly ConcurrentBag<Task> _sending = [];
    private Exception? _failure;
    private long _addedBytes;
    private long _storedBytes;

    /// <param name="repository">Where the chunks go.</param>
    /// <param name="index">What is there already; learns of what is added.</param>
    /// <param name="host">Who backs up.</param>
    /// <param name="time">The clock.</param>
    /// <param name="sent">Learns how many bytes more the ring holds.</param>
    public PackSink(BackupRepository repository, ChunkIndex index, string host, TimeProvider time, Action<long> sent)
    {
        (_repository, _index, _sent) = (repository, index, sent);
        _record = new RunRecord(repository, host, time);
        _data = new PackBuilder(repository.Sealer);
        _folders = new PackBuilder(repository.Sealer);
    }

    /// <summary>The bytes of chunks that were new, before they were compressed.</summary>
    public long AddedBytes => Interlocked.Read(ref _addedBytes);

    /// <summary>What they take in packs.</summary>
    public long StoredBytes => Interlocked.Read(ref _storedBytes);

    /// <summary>What the catalog learns of this run.</summary>
    public RunRecord Record => _record;

    /// <summary>Takes a chunk, unless it is there already.</summary>
    /// <param name="chunk">The chunk, which must not change until this completes.</param>
    /// <param name="isFolder">Whether it holds a folder's entries.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its id; it is safe only after <see cref="FlushAsync"/>.</returns>
    public async ValueTask<ChunkId> AddAsync(ReadOnlyMemory<byte> chunk, bool isFolder, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        await _record.RenewAsync(cancellationToken);
        var id = _repository.Keys.Name(chunk.Span);
        if (_index.Contains(id) || !_underWay.TryAdd(id, 0))
        {
            return id;
        }

        await _coders.WaitAsync(cancellationToken);
        var stored = ArrayPool<byte>.Shared.Rent(ChunkCoder.StoredLengthMax(chunk.Length));
        try
        {
            var packed = _repository.Coder.Encode(id, chunk.Span, stored);
            Interlocked.Add(ref _addedBytes, chunk.Length);
            Interlocked.Add(ref _storedBytes, packed.StoredLength);
            if (Add(packed, stored.AsSpan(0, packed.StoredLength), isFolder ? _folders : _data, cancellationToken))
            {
                // Who makes packs faster than the ring takes them waits here, and holds up the others.
                await _senders.WaitAsync(cancellationToken);
                _senders.Release();
            }

            return id;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stored);
            _coders.Release();
        }
    }

    /// <summary>Tells whoever has more to give that nothing is taken any more.</summary>
    /// <exception cref="BackupException">Why.</exception>
    public void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw failure is BackupException known ? new BackupException(known.Code, known.Message, known) : new BackupException(failure.Message, failure);
        }
    }

    /// <summary>Takes packs of an earlier run that no index knows yet.</summary>
    public void Adopt(IEnumerable<Pack> packs)
    {
        foreach (var pack in packs)
        {
            _index.Add(pack);
            _record.Adopt(pack);
        }
    }

    /// <summary>Sends what is left. Afterwards all that was added is in the ring, but only the <see cref="Record"/>'s index makes it known.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (var builder in (PackBuilder[])[_data, _folders])
            {
                if (builder.Count > 0)
                {
                    Send(builder, cancellationToken);
                }
            }
        }

        await SettleAsync();
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfFailed();
    }

    /// <summary>Waits for what is under way, whatever comes of it.</summary>
    public async Task SettleAsync() => await Task.WhenAll(_sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    public void Dispose()
    {
        _coders.Dispose();
        _senders.Dispose();
        _failed.Dispose();
        _record.Dispose();
    }

    /// <returns>Whether a pack was complete, and is being sent.</returns>
    private bool Add(PackedChunk packed, ReadOnlySpan<byte> stored, PackBuilder builder, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var isComplete = !builder.HasRoomFor(packed.StoredLength);
            if (isComplete)
            {
                Send(builder, cancellationToken);
            }

            builder.Add(packed, stored);
            return isComplete;
        }
    }

    private void Send(PackBuilder builder, CancellationToken cancellationToken)
    {
        var (content, chunks) = builder.Take();
        _sending.Add(Task.Run(() => SendAsync(content, chunks, cancellationToken), CancellationToken.None));
    }

    private async Task SendAsync(ReadOnlyMemory<byte> content, IReadOnlyList<PackedChunk> chunks, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _failed.Token);
        await _senders.WaitAsync(either.Token);
        try
        {
            // What is on its way when another fails goes on: the next run need not send it again.
            await _record.AnnounceAsync(cancellationToken);

            // Numbered when it is its turn: whoever searches for them stops where several in a row are missing.
            var number = _repository.TakePackNumber();
            var file = await _repository.Shelf.StoreAsync(FileSeries.PacksOf(_repository.Sealer.Run), number, content, cancellationToken)
                ?? throw new BackupException($"The ring holds another file where pack {number} of this run belongs; run the command again.");
            var pack = new Pack(file, content.Length, _repository.Sealer.Run, chunks);
            _index.Add(pack);
            _sent(content.Length);
            await _record.AddAsync(pack, number, cancellationToken);
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, exception, null);
            await _failed.CancelAsync();
            throw;
        }
        finally
        {
            _senders.Release();
        }
    }
}
