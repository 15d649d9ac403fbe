using System.Buffers;
using P2P.Bloom.Bits;
using P2P.Bloom.Hashing;
using P2P.Bloom.Matrix;
using P2P.Bloom.Wire;

namespace P2P.Bloom;

/// <summary>
/// Holds the partitioned filters of a great many owners, turned by ninety degrees: for each position a bitmap of the owners that have it set.
/// Which owners may hold all of some words then costs an intersection of a few bitmaps, not a question to each filter.
/// </summary>
/// <remarks>
/// <para>
/// Any number of threads may ask while others change it; changes wait for each other. An owner whose filter is replaced or brought up to date is
/// never missed for words that it holds before and after, nor named twice. Readers take no lock, except to ask again when meanwhile a filter was
/// replaced by one of another length.
/// </para>
/// <para>
/// Filters may have different lengths, powers of two. Each length has bitmaps of its own, so that small filters take little memory; one hash
/// leads to the positions in all of them. Filters longer than <see cref="BloomFilterMatrixOptions.BitsMax"/> are folded to it.
/// </para>
/// </remarks>
/// <typeparam name="TOwner">What names an owner.</typeparam>
public sealed class BloomFilterMatrix<TOwner>
    where TOwner : notnull
{
    private const int RowsOnStack = 64;

    private readonly BloomFilterMatrixOptions _options;
    private readonly int _vectors;
    private readonly Lock _changes = new();
    private readonly Dictionary<TOwner, MatrixEntry<TOwner>> _entries = [];
    private MatrixGroup<TOwner>[] _groups = [];

    // Odd while an owner moves from one length to another: who looked at either in that time looks again.
    private int _moves;

    /// <summary>Creates an empty matrix.</summary>
    /// <param name="options">Which filters it holds; the defaults if null.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public BloomFilterMatrix(BloomFilterMatrixOptions? options = null)
    {
        _options = options ?? new();
        _options.Validate();
        _vectors = _options.Vector is null ? _options.HashCount : 1;
    }

    /// <summary>Gives the hasher of all filters.</summary>
    public BloomHasher Hasher => _options.Hasher;

    /// <summary>Counts the owners.</summary>
    public int Count
    {
        get
        {
            lock (_changes)
            {
                return _entries.Count;
            }
        }
    }

    /// <summary>Gives the bytes of memory that the bitmaps and the lists of owners take; not those of the owners' names.</summary>
    public long MemoryBytes
    {
        get
        {
            lock (_changes)
            {
                return _groups.Sum(group => group.MemoryBytes);
            }
        }
    }

    /// <summary>Adds an owner, or replaces its filter.</summary>
    /// <returns>False, and nothing changes, if it would take more than <see cref="BloomFilterMatrixOptions.MemoryMax"/>.</returns>
    /// <exception cref="ArgumentException">The filter has another hasher or number of vectors, or its length is not a power of two.</exception>
    public bool TrySet(TOwner owner, PartitionedBloomFilter filter)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return _options.Vector is { } vector && vector < filter.HashCount
            ? TrySet(owner, filter.Vector(vector))
            : TrySetWords(owner, filter.Shape, filter.Words, nameof(filter));
    }

    /// <summary>Adds an owner, or replaces its vector, in a matrix that holds one vector of each.</summary>
    /// <returns>False, and nothing changes, if it would take more than <see cref="BloomFilterMatrixOptions.MemoryMax"/>.</returns>
    /// <exception cref="ArgumentException">It is another vector, or has another hasher, or its length is not a power of two.</exception>
    public bool TrySet(TOwner owner, BloomVector vector)
    {
        ArgumentNullException.ThrowIfNull(vector);
        return TrySetWords(owner, vector.Shape, vector.Words, nameof(vector));
    }

    /// <summary>
    /// Brings an owner's filter up to date. In a filter that was folded nothing can be cleared: its owner stays a candidate for what it has
    /// forgotten, until it sends the whole filter again.
    /// </summary>
    /// <remarks>
    /// That the delta leads where it says is taken on trust, unlike in <see cref="BitFilter{TSelf}.TryApply"/>: to verify it would be to read the
    /// owner's whole column. Take an owner's deltas from that owner only; then a lie changes nothing but what is found of the liar.
    /// </remarks>
    /// <returns>
    /// False, and nothing changes, if the owner is not there or the delta begins at another version than it has: then ask for the whole filter.
    /// </returns>
    public bool TryApply(TOwner owner, BloomDelta delta)
    {
        ArgumentNullException.ThrowIfNull(delta);
        lock (_changes)
        {
            if (!_entries.TryGetValue(owner, out var entry) || delta.Shape != entry.Shape || delta.BaseFingerprint != entry.Fingerprint)
            {
                return entry is not null && delta.Shape == entry.Shape && delta.ResultFingerprint == entry.Fingerprint;
            }

            var page = entry.Group.PageOf(entry);
            foreach (var position in delta.Set)
            {
                page.Set(RowOf(entry, position), entry.Column);
            }

            if (entry.Group.Bits == entry.Shape.Bits)
            {
                foreach (var position in delta.Cleared)
                {
                    page.Clear(RowOf(entry, position), entry.Column);
                }
            }

            entry.Fingerprint = delta.ResultFingerprint;
            return true;
        }
    }

    /// <summary>Removes an owner.</summary>
    /// <returns>False if it is not there.</returns>
    public bool Remove(TOwner owner)
    {
        lock (_changes)
        {
            if (!_entries.Remove(owner, out var entry))
            {
                return false;
            }

            Release(entry);
            return true;
        }
    }

    /// <summary>Tells whether an owner is there, and the fingerprint of its filter's version.</summary>
    public bool TryGetFingerprint(TOwner owner, out ulong fingerprint)
    {
        lock (_changes)
        {
            var found = _entries.TryGetValue(owner, out var entry);
            fingerprint = found ? entry!.Fingerprint : 0;
            return found;
        }
    }

    /// <summary>Finds the owners that may hold all of some elements, by hashes of the matrix's hasher. Nothing is allocated.</summary>
    /// <param name="hashes">The hashes of the elements; none finds every owner.</param>
    /// <param name="owners">Receives the owners, in no particular order.</param>
    /// <returns>How many there are.</returns>
    public int Find(ReadOnlySpan<BloomHash> hashes, List<TOwner> owners)
    {
        ArgumentNullException.ThrowIfNull(owners);
        if (hashes.IsEmpty)
        {
            return FindAll(owners);
        }

        var needed = hashes.Length * _vectors;
        var rented = needed > RowsOnStack ? ArrayPool<long>.Shared.Rent(needed) : null;
        var rows = (rented ?? stackalloc long[RowsOnStack])[..needed];
        var before = owners.Count;
        var moves = Volatile.Read(ref _moves);
        Find(hashes, rows, owners);
        Volatile.ReadBarrier();
        if ((moves & 1) != 0 || moves != _moves)
        {
            owners.RemoveRange(before, owners.Count - before);
            lock (_changes)
            {
                Find(hashes, rows, owners);
            }
        }

        if (rented is not null)
        {
            ArrayPool<long>.Shared.Return(rented);
        }

        return owners.Count - before;
    }

    /// <summary>Finds the owners that may hold all of some words.</summary>
    /// <param name="words">The words; none finds every owner.</param>
    public IReadOnlyList<TOwner> Find(params ReadOnlySpan<string> words)
    {
        var hashes = new BloomHash[words.Length];
        for (var index = 0; index < hashes.Length; index++)
        {
            hashes[index] = Hasher.Hash(words[index]);
        }

        List<TOwner> owners = [];
        Find(hashes, owners);
        return owners;
    }

    private int FindAll(List<TOwner> owners)
    {
        lock (_changes)
        {
            owners.AddRange(_entries.Keys);
            return _entries.Count;
        }
    }

    private void Find(ReadOnlySpan<BloomHash> hashes, Span<long> rows, List<TOwner> owners)
    {
        foreach (var group in Volatile.Read(ref _groups))
        {
            LocateRows(group.Bits, hashes, rows);
            foreach (var page in group.Pages)
            {
                if (page is not null)
                {
                    RowQuery.Find(page, rows, owners);
                }
            }
        }
    }

    private void LocateRows(long bits, ReadOnlySpan<BloomHash> hashes, Span<long> rows)
    {
        var next = 0;
        foreach (var hash in hashes)
        {
            var probe = new ProbeSequence(hash);
            probe.Skip(_options.Vector ?? 0);
            for (var vector = 0; vector < _vectors; vector++)
            {
                rows[next++] = vector * bits + (long)probe.Next((ulong)bits);
            }
        }
    }

    private bool TrySetWords(TOwner owner, in FilterShape shape, ReadOnlySpan<ulong> words, string argument)
    {
        ArgumentNullException.ThrowIfNull(owner);
        CheckShape(shape, argument);
        lock (_changes)
        {
            var bits = Math.Min(shape.Bits, _options.BitsMax);
            if (_entries.TryGetValue(owner, out var old) && old.Group.Bits == bits)
            {
                Write(old, shape, words);
                ClearOthers(old, words);
                return true;
            }

            if (GroupOf(bits) is not { } group)
            {
                return false;
            }

            var entry = group.Take(owner);
            Write(entry, shape, words);
            _entries[owner] = entry;
            if (old is null)
            {
                group.Publish(entry);
                return true;
            }

            Interlocked.Increment(ref _moves);
            group.Publish(entry);
            Release(old);
            Interlocked.Increment(ref _moves);
            return true;
        }
    }

    private void CheckShape(in FilterShape shape, string argument)
    {
        var expected = FilterShape.Of(
            _options.Vector is null ? FilterKind.Partitioned : FilterKind.Vector, shape.Bits, _options.HashCount, Hasher, _options.Vector ?? 0);
        expected.ThrowIfDifferent(shape, argument);
        if (!long.IsPow2(shape.Bits))
        {
            throw new ArgumentException($"The length of a vector is {shape.Bits}; in a matrix it must be a power of two.", argument);
        }
    }

    /// <summary>Gives the group of a length, if there is memory for one more owner in it.</summary>
    private MatrixGroup<TOwner>? GroupOf(long bits)
    {
        var group = Array.Find(_groups, group => group.Bits == bits);
        var wanted = group ?? new MatrixGroup<TOwner>(bits, _vectors);
        if (_groups.Sum(each => each.MemoryBytes) + wanted.BytesForAnother() > _options.MemoryMax)
        {
            return null;
        }

        if (group is null)
        {
            Volatile.Write(ref _groups, [.. _groups, wanted]);
        }

        return wanted;
    }

    private void Release(MatrixEntry<TOwner> entry)
    {
        entry.Group.Release(entry);
        if (entry.Group.Count == 0)
        {
            Volatile.Write(ref _groups, [.. _groups.Where(group => group != entry.Group)]);
        }
    }

    private static void Write(MatrixEntry<TOwner> entry, in FilterShape shape, ReadOnlySpan<ulong> words)
    {
        entry.Shape = shape;
        entry.Fingerprint = BitWords.Fingerprint(words);
        var page = entry.Group.PageOf(entry);
        foreach (var position in new SetBits(words))
        {
            page.Set(RowOf(entry, position), entry.Column);
        }
    }

    /// <summary>Clears what an earlier version had set; after the new one was written, so that what is in both is never missing.</summary>
    private static void ClearOthers(MatrixEntry<TOwner> entry, ReadOnlySpan<ulong> words)
    {
        var page = entry.Group.PageOf(entry);
        var kept = new ulong[(entry.Group.Rows + 63) >> 6];
        foreach (var position in new SetBits(words))
        {
            var row = RowOf(entry, position);
            kept[row >> 6] |= 1UL << (int)row;
        }

        for (var row = 0L; row < entry.Group.Rows; row++)
        {
            if ((kept[row >> 6] & (1UL << (int)row)) == 0)
            {
                page.Clear(row, entry.Column);
            }
        }
    }

    /// <summary>Leads from a position in the owner's words to the row, through the folding.</summary>
    private static long RowOf(MatrixEntry<TOwner> entry, long position)
    {
        var vectorBits = entry.Shape.VectorWords << 6;
        var (vector, bit) = Math.DivRem(position, vectorBits);
        return vector * entry.Group.Bits + bit / (entry.Shape.Bits / entry.Group.Bits);
    }
}
