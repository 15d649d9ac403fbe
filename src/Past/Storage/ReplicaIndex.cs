using System.Diagnostics;
using System.Runtime.InteropServices;

namespace P2P.Past;

/// <summary>
/// Orders stored replicas by id, 32 bytes each: sorted chunks, more than half full as a rule. A look-up is two binary searches; a hash table would
/// need a second structure for the order. Not for concurrent use.
/// </summary>
internal sealed class ReplicaIndex
{
    private const int ChunkCapacity = 256;

    private readonly List<Chunk> _chunks = [];

    public int Count { get; private set; }

    /// <summary>Sums the lengths of all entries.</summary>
    public long TotalLength { get; private set; }

    public bool TryGet(FileId id, out ReplicaRecord record)
    {
        var chunk = ChunkOf(id);
        var place = chunk < 0 ? -1 : _chunks[chunk].Find(id);
        record = place >= 0 ? _chunks[chunk].Entries[place].Record : default;
        return place >= 0;
    }

    public void Add(FileId id, ReplicaRecord record)
    {
        if (_chunks.Count == 0)
        {
            _chunks.Add(new Chunk());
        }

        var number = Math.Max(0, ChunkOf(id));
        var chunk = _chunks[number];
        if (chunk.Count == ChunkCapacity)
        {
            // Ids that come in order, as when a directory is read sorted, leave full chunks behind instead of halves.
            var appends = number == _chunks.Count - 1 && id > chunk.Entries[chunk.Count - 1].Id;
            _chunks.Insert(number + 1, chunk.SplitAt(appends ? ChunkCapacity : ChunkCapacity / 2));
            number = appends || id >= _chunks[number + 1].Entries[0].Id ? number + 1 : number;
            chunk = _chunks[number];
        }

        var place = chunk.Find(id);
        Debug.Assert(place < 0, "A replica is added once.");
        chunk.Insert(~place, new Entry(id, record));
        Count++;
        TotalLength += record.Length;
    }

    /// <summary>Adds a great many to an empty index, in any order, and packs them without gaps.</summary>
    /// <param name="count">How many, at least.</param>
    /// <param name="replicas">The entries.</param>
    /// <exception cref="ArgumentException">An id comes twice.</exception>
    public void AddAll(int count, IEnumerable<(FileId Id, ReplicaRecord Record)> replicas)
    {
        Debug.Assert(Count == 0, "Those that are there already would have to be merged with these.");
        var entries = new List<Entry>(count);
        foreach (var (id, record) in replicas)
        {
            entries.Add(new Entry(id, record));
            TotalLength += record.Length;
        }

        var sorted = CollectionsMarshal.AsSpan(entries);
        sorted.Sort();
        for (var place = 1; place < sorted.Length; place++)
        {
            if (sorted[place].Id == sorted[place - 1].Id)
            {
                throw new ArgumentException($"The replica of {sorted[place].Id} comes twice.", nameof(replicas));
            }
        }

        Count = sorted.Length;
        for (; sorted.Length > 0; sorted = sorted[Math.Min(ChunkCapacity, sorted.Length)..])
        {
            _chunks.Add(new Chunk(sorted[..Math.Min(ChunkCapacity, sorted.Length)]));
        }
    }

    public bool Remove(FileId id, out ReplicaRecord record)
    {
        if (!TryGet(id, out record))
        {
            return false;
        }

        var number = ChunkOf(id);
        var chunk = _chunks[number];
        chunk.RemoveAt(chunk.Find(id));
        if (chunk.Count == 0)
        {
            _chunks.RemoveAt(number);
        }
        else if (number > 0 && _chunks[number - 1].Count + chunk.Count <= ChunkCapacity / 2)
        {
            _chunks[number - 1].Append(chunk);
            _chunks.RemoveAt(number);
        }

        Count--;
        TotalLength -= record.Length;
        return true;
    }

    /// <summary>Copies entries whose routing keys lie in an interval, in the order of the ring from its first key or an id in it.</summary>
    /// <exception cref="ArgumentException">The id to go on after is not in the interval.</exception>
    public int Copy(KeyRange range, FileId? after, Span<StoredReplica> destination)
    {
        var first = FileId.FirstOf(range.First);
        var last = FileId.LastOf(range.Last);
        var from = after ?? first;
        var inclusive = after is null;
        if (after is { } resumed && !range.Contains(resumed.RoutingKey))
        {
            throw new ArgumentException($"The id {resumed} to go on after is not in the range.", nameof(after));
        }

        // An interval that passes zero is two: up to the ring's end, unless that is done already, and from its beginning.
        if (range.First <= range.Last || from < first)
        {
            return Copy(from, inclusive, last, destination);
        }

        var written = Copy(from, inclusive, FileId.LastOf(KeyRange.All.Last), destination);
        return written + Copy(FileId.FirstOf(KeyRange.All.First), inclusive: true, last, destination[written..]);
    }

    /// <summary>Copies the entries from one id on, in order and without wrapping, as long as <paramref name="last"/> allows.</summary>
    public int Copy(FileId from, bool inclusive, FileId last, Span<StoredReplica> destination)
    {
        var number = Math.Max(0, ChunkOf(from));
        var written = 0;
        var place = number < _chunks.Count ? _chunks[number].Find(from) : 0;
        place = place < 0 ? ~place : inclusive ? place : place + 1;
        for (; number < _chunks.Count && written < destination.Length; number++, place = 0)
        {
            var chunk = _chunks[number];
            for (; place < chunk.Count && written < destination.Length; place++)
            {
                var entry = chunk.Entries[place];
                if (entry.Id > last)
                {
                    return written;
                }

                destination[written++] = new StoredReplica(entry.Id, entry.Record.ReplicaCount);
            }
        }

        return written;
    }

    /// <summary>Finds the last chunk that starts at or before an id; -1 when all start after it.</summary>
    private int ChunkOf(FileId id)
    {
        int low = 0, high = _chunks.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_chunks[middle].Count > 0 && _chunks[middle].Entries[0].Id > id)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low - 1;
    }

    /// <summary>Is an entry in 32 bytes, the id's twenty and, from the top, 15 bits of the number, the place, the number of replicas, the length.</summary>
    private readonly struct Entry : IComparable<Entry>
    {
        private const int CountShift = 41;
        private const int FileShift = 48;
        private const int NumberShift = 49;

        private readonly uint _numberLow;
        private readonly ulong _record;

        public Entry(FileId id, ReplicaRecord record)
        {
            Id = id;
            _numberLow = (uint)record.Number;
            _record = (ulong)(record.Number >> 32) << NumberShift
                | (record.IsFile ? 1UL << FileShift : 0)
                | (ulong)record.ReplicaCount << CountShift
                | (ulong)record.Length;
        }

        public FileId Id { get; }

        public ReplicaRecord Record => new(
            (long)(_record & ReplicaRecord.LengthMax),
            (int)(_record >> CountShift) & 0x7f,
            (_record & 1UL << FileShift) != 0,
            (long)(_record >> NumberShift) << 32 | _numberLow);

        public int CompareTo(Entry other) => Id.CompareTo(other.Id);
    }

    private sealed class Chunk
    {
        public Chunk()
        {
        }

        public Chunk(ReadOnlySpan<Entry> entries) => (Entries, Count) = (entries.ToArray(), entries.Length);

        public Entry[] Entries { get; private set; } = new Entry[4];

        public int Count { get; private set; }

        public int Find(FileId id)
        {
            int low = 0, high = Count;
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                var order = Entries[middle].Id.CompareTo(id);
                if (order == 0)
                {
                    return middle;
                }

                (low, high) = order < 0 ? (middle + 1, high) : (low, middle);
            }

            return ~low;
        }

        public void Insert(int place, Entry entry)
        {
            Reserve(Count + 1);
            Array.Copy(Entries, place, Entries, place + 1, Count - place);
            Entries[place] = entry;
            Count++;
        }

        public void RemoveAt(int place)
        {
            Count--;
            Array.Copy(Entries, place + 1, Entries, place, Count - place);
        }

        public Chunk SplitAt(int place)
        {
            var upper = new Chunk { Count = Count - place };
            upper.Reserve(upper.Count);
            Array.Copy(Entries, place, upper.Entries, 0, upper.Count);
            Count = place;
            return upper;
        }

        public void Append(Chunk next)
        {
            Reserve(Count + next.Count);
            Array.Copy(next.Entries, 0, Entries, Count, next.Count);
            Count += next.Count;
        }

        private void Reserve(int count)
        {
            // Grown by doubling: a simulation has a great many stores with few replicas each.
            if (count > Entries.Length)
            {
                var entries = new Entry[Math.Max(count, Entries.Length * 2)];
                Array.Copy(Entries, entries, Math.Min(Count, Entries.Length));
                Entries = entries;
            }
        }
    }
}
