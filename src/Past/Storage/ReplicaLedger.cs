namespace P2P.Past;

/// <summary>
/// Keeps a store's books: which replicas are whole, which ids are in somebody's hands, and how many bytes all of it takes. Every store has
/// one, so that all of them agree on who may do what when.
/// </summary>
/// <remarks>
/// An id is free, whole, claimed (being written or removed: nobody else may touch it) or suspended (partly written; a claim takes it up).
/// Safe for concurrent use.
/// </remarks>
internal sealed class ReplicaLedger(long capacity)
{
    private readonly Lock _gate = new();
    private readonly ReplicaIndex _whole = new();
    private readonly Dictionary<FileId, Holding> _unfinished = [];
    private long _reserved;

    public ReplicaStoreUsage Usage
    {
        get
        {
            lock (_gate)
            {
                return new ReplicaStoreUsage(_whole.Count, capacity, _whole.TotalLength + _reserved);
            }
        }
    }

    public bool Contains(FileId id) => TryGet(id, out _);

    public bool TryGet(FileId id, out ReplicaRecord record)
    {
        lock (_gate)
        {
            return _whole.TryGet(id, out record);
        }
    }

    public int List(KeyRange range, FileId? after, Span<StoredReplica> destination)
    {
        lock (_gate)
        {
            return _whole.Copy(range, after, destination);
        }
    }

    /// <summary>Enters the whole replicas that were there before the store opened.</summary>
    /// <inheritdoc cref="ReplicaIndex.AddAll"/>
    public void AddWhole(int count, IEnumerable<(FileId Id, ReplicaRecord Record)> replicas)
    {
        lock (_gate)
        {
            _whole.AddAll(count, replicas);
        }
    }

    /// <summary>Enters a partly written replica that was there before the store opened.</summary>
    /// <param name="id">The file.</param>
    /// <param name="length">How many bytes of it are written.</param>
    /// <param name="since">When it was written to last.</param>
    public void AddSuspended(FileId id, long length, DateTimeOffset since)
    {
        lock (_gate)
        {
            _unfinished.Add(id, new Holding(length, Record: default, IsClaimed: false, since));
            _reserved += length;
        }
    }

    /// <summary>Claims an id for writing, where there is room for all of it.</summary>
    /// <param name="id">The file.</param>
    /// <param name="record">The replica as it is when it is whole.</param>
    /// <param name="reserved">
    /// How many of its bytes are reserved now. The others are when they come (<see cref="Grow"/>): what somebody merely announces takes no room.
    /// </param>
    /// <returns>Whether something was written already, which is taken up or replaced.</returns>
    public bool Claim(FileId id, ReplicaRecord record, long reserved)
    {
        var length = record.Length;
        lock (_gate)
        {
            var isStored = _whole.TryGet(id, out _);
            var isKnown = _unfinished.TryGetValue(id, out var holding);
            if (isStored || holding.IsClaimed)
            {
                throw new ReplicaExistsException(id, isStored);
            }

            // A suspended one is taken up, or, if it was for another certificate, replaced.
            var free = capacity - _whole.TotalLength - _reserved + (isKnown ? holding.Length : 0);
            if (length > free)
            {
                throw new ReplicaStoreFullException($"The replica of {id} takes {length} bytes; {Math.Max(0, free)} of {capacity} are free.");
            }

            var kept = Math.Clamp(holding.Length, reserved, length);
            _reserved += kept - holding.Length;
            _unfinished[id] = new Holding(kept, record, IsClaimed: true);
            return isKnown;
        }
    }

    /// <summary>Reserves more bytes for what is being written, just before they are.</summary>
    /// <param name="id">A claimed file.</param>
    /// <param name="length">How many bytes it takes then, in all.</param>
    public void Grow(FileId id, long length)
    {
        lock (_gate)
        {
            var holding = _unfinished[id];
            var free = capacity - _whole.TotalLength - _reserved;
            if (length - holding.Length > free)
            {
                throw new ReplicaStoreFullException($"The replica of {id} has grown to {holding.Length} bytes; {Math.Max(0, free)} of {capacity} are free for its rest.");
            }

            if (length > holding.Length)
            {
                _reserved += length - holding.Length;
                _unfinished[id] = holding with { Length = length };
            }
        }
    }

    /// <summary>Makes sure that nobody is writing or removing a replica.</summary>
    public void ThrowIfClaimed(FileId id)
    {
        lock (_gate)
        {
            if (_unfinished.TryGetValue(id, out var holding) && holding.IsClaimed)
            {
                throw new ReplicaExistsException(id, isStored: false);
            }
        }
    }

    /// <summary>Claims a whole replica for removal, which makes it invisible; its bytes count until they are released.</summary>
    public bool TryClaimWhole(FileId id, out ReplicaRecord record)
    {
        lock (_gate)
        {
            if (!_whole.Remove(id, out record))
            {
                return false;
            }

            _unfinished[id] = new Holding(record.Length, record, IsClaimed: true);
            _reserved += record.Length;
            return true;
        }
    }

    /// <summary>Claims an id of which no whole replica is stored, for its removal.</summary>
    /// <param name="id">The file.</param>
    /// <param name="written">How many bytes are reserved for what was begun to be written; 0 where nothing was.</param>
    /// <returns>False where a whole one is stored.</returns>
    /// <exception cref="ReplicaExistsException">It is being written or removed.</exception>
    public bool TryClaimUnstored(FileId id, out long written)
    {
        lock (_gate)
        {
            written = 0;
            if (_whole.TryGet(id, out _))
            {
                return false;
            }

            var isKnown = _unfinished.TryGetValue(id, out var holding);
            if (isKnown && holding.IsClaimed)
            {
                throw new ReplicaExistsException(id, isStored: false);
            }

            written = holding.Length;
            _unfinished[id] = holding with { IsClaimed = true };
            return true;
        }
    }

    /// <summary>Claims an id of which nothing is known, so that nobody begins to write it meanwhile.</summary>
    public bool TryClaimFree(FileId id)
    {
        lock (_gate)
        {
            return !_whole.TryGet(id, out _) && _unfinished.TryAdd(id, new Holding(Length: 0, Record: default, IsClaimed: true));
        }
    }

    /// <summary>Turns a claim into a whole replica.</summary>
    /// <param name="id">The file.</param>
    /// <param name="number">The number that it has been given; null where it had one before it was claimed, or needs none.</param>
    public void Complete(FileId id, long? number = null)
    {
        lock (_gate)
        {
            _unfinished.Remove(id, out var holding);
            _reserved -= holding.Length;
            _whole.Add(id, holding.Record with { Number = number ?? holding.Record.Number });
        }
    }

    /// <summary>
    /// Gives a claim back, but keeps what was written. No more than that is reserved from then on: transfers that were begun and left must not
    /// take the room of others.
    /// </summary>
    public void Suspend(FileId id, long written, DateTimeOffset now)
    {
        lock (_gate)
        {
            var holding = _unfinished[id];
            written = Math.Min(written, holding.Length);
            _reserved -= holding.Length - written;
            _unfinished[id] = holding with { Length = written, IsClaimed = false, Since = now };
        }
    }

    /// <summary>Claims what was suspended at an instant or before, for removal.</summary>
    public IReadOnlyList<FileId> ClaimSuspended(DateTimeOffset until)
    {
        lock (_gate)
        {
            FileId[] claimed = [.. _unfinished.Where(entry => !entry.Value.IsClaimed && entry.Value.Since <= until).Select(entry => entry.Key)];
            foreach (var id in claimed)
            {
                _unfinished[id] = _unfinished[id] with { IsClaimed = true };
            }

            return claimed;
        }
    }

    /// <summary>Gives a claim and its bytes back.</summary>
    public void Release(FileId id)
    {
        lock (_gate)
        {
            _unfinished.Remove(id, out var holding);
            _reserved -= holding.Length;
        }
    }

    private readonly record struct Holding(long Length, ReplicaRecord Record, bool IsClaimed, DateTimeOffset Since = default);
}
