using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Keeps the books of a node's cache: which copies are there, how old they are, and how much room they may take, which is what replicas leave (PAST §4). What goes
/// first the policy says; the bytes are the shell's.
/// </summary>
internal sealed class CopyShelf
{
    private readonly CacheOptions _options;
    private readonly IReplicaCatalog _replicas;
    private readonly ICachePolicy _policy;
    private readonly Dictionary<FileId, Copy> _copies = [];

    /// <summary>Those that are there, the oldest first.</summary>
    private readonly RemovableHeap<Copy> _byAge = new();

    private ulong _lastTurn;
    private long _reserved;

    public CopyShelf(CacheOptions options, IReplicaCatalog replicas)
    {
        options.Validate();
        _options = options;
        _replicas = replicas;
        _policy = options.NewPolicy();
    }

    public CacheCounters Counters { get; } = new();

    public long UsedBytes { get; private set; }

    /// <summary>How many bytes copies may take now.</summary>
    public long RoomBytes => Math.Min(_options.CapacityBytes, _replicas.Usage.FreeBytes);

    /// <summary>When the next copy is too old to be given out.</summary>
    public Instant NextExpiry => _byAge.Count == 0 ? Instant.Never : _byAge.First.Since + _options.CopyLifetime;

    /// <summary>Tells whether a copy is there that may be given out.</summary>
    public bool Contains(FileId fileId, Instant now) =>
        _copies.TryGetValue(fileId, out var copy) && copy.State == CopyState.Kept && IsYoung(now - copy.Since);

    /// <summary>Tells how long ago a copy left a replica.</summary>
    public TimeSpan AgeOf(FileId fileId, Instant now) => _copies.TryGetValue(fileId, out var copy) ? now - copy.Since : TimeSpan.Zero;

    /// <summary>Tells whether a copy of so many bytes would be taken in.</summary>
    public bool Admits(long length) => length < _options.AdmissionRatio * RoomBytes;

    /// <summary>Tells whether a copy of this age would still be given out.</summary>
    public bool IsYoung(TimeSpan age) => age < _options.CopyLifetime;

    /// <summary>Notes that a lookup was answered with a copy.</summary>
    public void Hit(FileId fileId, long contentLength)
    {
        _policy.Hit(fileId);
        Counters.Hits++;
        Counters.HitBytes += contentLength;
    }

    /// <summary>Reserves room for a copy that is about to be written.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="length">How many bytes the copy takes.</param>
    /// <param name="since">When it left a replica.</param>
    /// <param name="evicted">The copies whose room it gets; they are in the books no more.</param>
    /// <returns>False where it is not taken in, and nothing has to go.</returns>
    public bool TryReserve(FileId fileId, long length, Instant since, out FileId[] evicted)
    {
        evicted = [];
        if (_copies.ContainsKey(fileId) || !Admits(length) || length > RoomBytes - _reserved)
        {
            return false;
        }

        evicted = MakeRoom(RoomBytes - length);
        _copies.Add(fileId, new Copy(fileId, length, since, ++_lastTurn));
        UsedBytes += length;
        Counters.UsedBytes = UsedBytes;
        _reserved += length;
        return true;
    }

    /// <summary>Notes how it ended that a copy was written.</summary>
    /// <returns>True where it is there now; false where what was written, if anything, is to be removed.</returns>
    public bool End(FileId fileId, bool isWritten)
    {
        if (!_copies.TryGetValue(fileId, out var copy) || copy.State == CopyState.Kept)
        {
            return false;
        }

        _reserved -= copy.Length;
        if (!isWritten || copy.State == CopyState.Unwanted)
        {
            Forget(copy);
            return false;
        }

        copy.State = CopyState.Kept;
        _byAge.Add(copy);
        Counters.Count++;
        Counters.Insertions++;
        _policy.Admitted(fileId, copy.Length);
        return true;
    }

    /// <summary>Forgets a copy, for another reason than room.</summary>
    /// <returns>True where its bytes are to be removed now; of one that is being written they are when that ends.</returns>
    public bool Remove(FileId fileId)
    {
        if (!_copies.TryGetValue(fileId, out var copy))
        {
            return false;
        }

        if (copy.State != CopyState.Kept)
        {
            copy.State = CopyState.Unwanted;
            return false;
        }

        _policy.Removed(fileId);
        TakeOut(copy);
        return true;
    }

    /// <summary>Forgets the copies that are too old to be given out.</summary>
    /// <returns>Whose bytes are to be removed.</returns>
    public FileId[] Expire(Instant now)
    {
        var old = new List<FileId>();
        while (NextExpiry <= now)
        {
            old.Add(_byAge.First.FileId);
            Remove(_byAge.First.FileId);
        }

        return [.. old];
    }

    /// <summary>Gives way to replicas that have come.</summary>
    /// <returns>The copies that go; they are in the books no more.</returns>
    public FileId[] GiveWay() => MakeRoom(RoomBytes);

    private FileId[] MakeRoom(long usedMax)
    {
        if (UsedBytes <= usedMax)
        {
            return [];
        }

        var evicted = new List<FileId>();
        while (UsedBytes > usedMax && _policy.TryEvict(out var fileId))
        {
            // A policy that names what it was told to forget, or was never told of, costs nothing but its turn.
            if (_copies.TryGetValue(fileId, out var copy) && copy.State == CopyState.Kept)
            {
                Counters.Evictions++;
                TakeOut(copy);
                evicted.Add(fileId);
            }
        }

        return [.. evicted];
    }

    private void TakeOut(Copy copy)
    {
        _byAge.Remove(copy);
        Counters.Count--;
        Forget(copy);
    }

    private void Forget(Copy copy)
    {
        _copies.Remove(copy.FileId);
        UsedBytes -= copy.Length;
        Counters.UsedBytes = UsedBytes;
    }

    private enum CopyState
    {
        BeingWritten,

        /// <summary>It is being written, and will be removed when that ends.</summary>
        Unwanted,

        Kept,
    }

    private sealed class Copy(FileId fileId, long length, Instant since, ulong turn) : RemovableHeap<Copy>.Entry
    {
        public FileId FileId => fileId;

        public long Length => length;

        public Instant Since => since;

        public CopyState State { get; set; }

        private ulong Turn => turn;

        public override bool GoesBefore(Copy other) => Since < other.Since || (Since == other.Since && Turn < other.Turn);
    }
}
