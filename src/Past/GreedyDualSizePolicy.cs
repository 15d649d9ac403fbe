using P2P.Past.Protocol;

namespace P2P.Past;

/// <summary>
/// Evicts by GreedyDual-Size with a cost of 1 (Cao and Irani, USITS 1997; PAST §4), which makes hits as many as it can: a copy is worth the more the smaller it is and
/// the later it was asked for. Each change takes time logarithmic in the number of copies; a hit allocates nothing.
/// </summary>
/// <remarks>
/// The paper subtracts an evicted copy's worth from that of all others. Here a common level rises instead, to which a copy's worth is added when it comes or
/// is hit, and by which none has to be touched. Of copies that are worth the same, the one that was asked for longest ago goes first.
/// </remarks>
public sealed class GreedyDualSizePolicy : ICachePolicy
{
    private readonly Dictionary<FileId, Entry> _entries = [];

    /// <summary>The next to go stands first.</summary>
    private readonly RemovableHeap<Entry> _heap = new();

    private double _level;
    private ulong _lastTurn;

    /// <inheritdoc/>
    public void Admitted(FileId fileId, long length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        var entry = new Entry(fileId, length);
        if (!_entries.TryAdd(fileId, entry))
        {
            throw new ArgumentException($"There is a copy of {fileId} already.", nameof(fileId));
        }

        Appraise(entry);
        _heap.Add(entry);
    }

    /// <inheritdoc/>
    public void Hit(FileId fileId)
    {
        if (_entries.TryGetValue(fileId, out var entry))
        {
            // The level never falls, so a copy that is hit is worth no less than before.
            Appraise(entry);
            _heap.Sink(entry);
        }
    }

    /// <inheritdoc/>
    public void Removed(FileId fileId)
    {
        if (_entries.Remove(fileId, out var entry))
        {
            _heap.Remove(entry);
        }
    }

    /// <inheritdoc/>
    public bool TryEvict(out FileId fileId)
    {
        if (_heap.Count == 0)
        {
            fileId = default;
            return false;
        }

        var first = _heap.First;
        _level = first.Worth;
        _entries.Remove(first.FileId);
        _heap.Remove(first);
        fileId = first.FileId;
        return true;
    }

    private void Appraise(Entry entry)
    {
        entry.Worth = _level + 1.0 / entry.Length;
        entry.Turn = ++_lastTurn;
    }

    private sealed class Entry(FileId fileId, long length) : RemovableHeap<Entry>.Entry
    {
        public FileId FileId => fileId;

        public long Length => length;

        /// <summary>H of the paper, above the level at which it was appraised.</summary>
        public double Worth { get; set; }

        /// <summary>When it was appraised, among all appraisals.</summary>
        public ulong Turn { get; set; }

        public override bool GoesBefore(Entry other) => Worth < other.Worth || (Worth == other.Worth && Turn < other.Turn);
    }
}
