using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Keeps the batches of a group that are not ordered while a neighbour is behind: one queue for all that are, each of which knows how far it is. Of sequenced
/// messages only the latest of each author and key stays; where there is too much, the oldest best-effort messages go first.
/// </summary>
/// <param name="bytesMax">The most bytes of batches.</param>
internal sealed class Backlog(int bytesMax)
{
    private readonly List<Entry> _entries = [];
    private readonly Dictionary<(NodeId Author, ulong Key), Entry> _latest = [];
    private int _bytes;

    /// <summary>The place that the next batch gets.</summary>
    public ulong End { get; private set; } = 1;

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>How many bytes of batches there are.</summary>
    public int Bytes => _bytes;

    /// <summary>Adds a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="from">Who it came from: it is not sent back.</param>
    /// <param name="dropped">Is called with the place of each batch that had to go for it, and how many messages in it counted.</param>
    public void Add(BatchMessage batch, NodeId from, Action<ulong, int> dropped)
    {
        var entry = new Entry(End++, batch, from);
        foreach (var item in batch.Batch.Items())
        {
            if (item.Class == DeliveryClass.Sequenced && Replace((batch.Batch.Author.NodeId, item.Key), entry) == entry)
            {
                // The same value twice in a batch.
                continue;
            }

            entry.Live++;
            entry.HasBestEffort |= item.Class >= DeliveryClass.BestEffort;
        }

        _entries.Add(entry);
        _bytes += batch.EncodedLengthMax;
        while (_bytes > bytesMax && _entries.Count > 1)
        {
            var oldest = _entries.FindIndex(0, _entries.Count - 1, kept => kept.HasBestEffort);
            var going = _entries[Math.Max(0, oldest)];
            dropped(going.Place, going.Live);
            Remove(going);
        }
    }

    /// <summary>Finds what is next from a place on.</summary>
    public (ulong Place, BatchMessage Batch, NodeId From)? Next(ulong from) =>
        IndexOf(from) is var index && index < _entries.Count ? (_entries[index].Place, _entries[index].Batch, _entries[index].From) : null;

    /// <summary>Drops what everybody has.</summary>
    /// <param name="first">The first place that anybody still needs.</param>
    public void Trim(ulong first)
    {
        while (_entries.Count > 0 && _entries[0].Place < first)
        {
            Remove(_entries[0]);
        }
    }

    /// <summary>A newer value takes the place of an older one; a batch in which nothing counts any more goes.</summary>
    /// <returns>Where the older one was.</returns>
    private Entry? Replace((NodeId, ulong) value, Entry newer)
    {
        var older = _latest.GetValueOrDefault(value);
        _latest[value] = newer;
        if (older is not null && older != newer && --older.Live == 0)
        {
            Remove(older);
        }

        return older;
    }

    private void Remove(Entry entry)
    {
        _entries.RemoveAt(IndexOf(entry.Place));
        _bytes -= entry.Batch.EncodedLengthMax;
        foreach (var item in entry.Batch.Batch.Items())
        {
            var value = (entry.Batch.Batch.Author.NodeId, item.Key);
            if (item.Class == DeliveryClass.Sequenced && _latest.GetValueOrDefault(value) == entry)
            {
                _latest.Remove(value);
            }
        }
    }

    /// <summary>Finds the first entry that is not before a place.</summary>
    private int IndexOf(ulong place)
    {
        var (low, high) = (0, _entries.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _entries[middle].Place < place ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private sealed class Entry(ulong place, BatchMessage batch, NodeId from)
    {
        public ulong Place => place;

        public BatchMessage Batch => batch;

        public NodeId From => from;

        /// <summary>How many of its messages no newer one has replaced.</summary>
        public int Live { get; set; }

        public bool HasBestEffort { get; set; }
    }
}
