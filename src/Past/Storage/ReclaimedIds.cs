using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Knows the ids of files that owners have taken back, about 250 bytes each, and chooses which are forgotten where more come than may be remembered: whoever makes
/// keys makes such files. First goes what was never held here, which costs nothing to bring; an owner has a quarter of the places for it. Safe for concurrent use.
/// </summary>
/// <remarks>
/// What is added counts from then on, and what gives way is there until the change is durable: <see cref="Confirm"/> or <see cref="Undo"/> ends it. Whose file it was is not
/// known of those from before the store was opened, so that an owner's share begins anew.
/// </remarks>
internal sealed class ReclaimedIds(int max)
{
    /// <summary>How many are remembered where nothing else is said: 50 MB on a disk.</summary>
    public const int DefaultMax = 1 << 17;

    private readonly Lock _gate = new();
    private readonly int _shareMax = Math.Max(1, max / 4);
    private readonly Dictionary<FileId, Entry> _entries = [];
    private readonly LinkedList<Entry> _held = [];
    private readonly LinkedList<Entry> _neverHeld = [];
    private readonly Dictionary<NodeId, LinkedList<Entry>> _neverHeldByOwner = [];
    private int _adding;

    /// <summary>Takes over what was remembered before, the oldest first.</summary>
    public ReclaimedIds(int max, IEnumerable<(FileId Id, bool WasHeld)> known)
        : this(max)
    {
        foreach (var (id, wasHeld) in known)
        {
            var entry = new Entry(id, default, wasHeld);
            _entries.Add(id, entry);
            Enlist(entry);
        }
    }

    public bool Contains(FileId id)
    {
        lock (_gate)
        {
            return _entries.ContainsKey(id);
        }
    }

    /// <summary>Adds a file that is not known.</summary>
    /// <param name="certificate">The owner's word.</param>
    /// <param name="wasHeld">Whether it was held here; then there is always a place.</param>
    /// <returns>Null where nothing may give way to it.</returns>
    public Addition? TryAdd(ReclaimCertificate certificate, bool wasHeld)
    {
        var added = new Entry(certificate.FileId, certificate.Owner.NodeId, wasHeld);
        lock (_gate)
        {
            var leaving = new List<Entry>();
            if (!wasHeld && _neverHeldByOwner.TryGetValue(added.Owner, out var own) && own.Count >= _shareMax)
            {
                leaving.Add(Delist(own.First!.Value));
            }

            while (_held.Count + _neverHeld.Count + _adding >= max && (_neverHeld.First ?? (wasHeld ? _held.First : null)) is { } oldest)
            {
                leaving.Add(Delist(oldest.Value));
            }

            if (!wasHeld && _held.Count + _neverHeld.Count + _adding >= max)
            {
                leaving.ForEach(Enlist);
                return null;
            }

            _entries.Add(added.Id, added);
            _adding++;
            return new Addition(added, leaving);
        }
    }

    /// <summary>An addition is durable, and what gave way to it is not there any more.</summary>
    public void Confirm(Addition addition)
    {
        lock (_gate)
        {
            _adding--;
            Enlist(addition.Added);
            foreach (var entry in addition.Leaving)
            {
                _entries.Remove(entry.Id);
            }
        }
    }

    /// <summary>An addition has failed.</summary>
    public void Undo(Addition addition)
    {
        lock (_gate)
        {
            _adding--;
            _entries.Remove(addition.Added.Id);
            addition.Leaving.ForEach(Enlist);
        }
    }

    /// <summary>Forgets a file that has been forgotten where it was written down.</summary>
    public void Remove(FileId id)
    {
        lock (_gate)
        {
            if (_entries.Remove(id, out var entry) && entry.Place is not null)
            {
                Delist(entry);
            }
        }
    }

    private void Enlist(Entry entry)
    {
        // Its time may have been over meanwhile.
        if (!_entries.ContainsKey(entry.Id))
        {
            return;
        }

        entry.Place = (entry.WasHeld ? _held : _neverHeld).AddLast(entry);
        if (!entry.WasHeld && entry.Owner != default)
        {
            if (!_neverHeldByOwner.TryGetValue(entry.Owner, out var own))
            {
                _neverHeldByOwner.Add(entry.Owner, own = []);
            }

            entry.PlaceOfOwner = own.AddLast(entry);
        }
    }

    private Entry Delist(Entry entry)
    {
        entry.Place!.List!.Remove(entry.Place);
        entry.Place = null;
        if (entry.PlaceOfOwner is { List: { } own } place)
        {
            own.Remove(place);
            entry.PlaceOfOwner = null;
            if (own.Count == 0)
            {
                _neverHeldByOwner.Remove(entry.Owner);
            }
        }

        return entry;
    }

    /// <summary>Is a file that is about to be remembered, and those that are to be forgotten for it.</summary>
    public sealed class Addition(Entry added, List<Entry> leaving)
    {
        public Entry Added => added;

        public List<Entry> Leaving => leaving;

        public IEnumerable<FileId> Forgotten => leaving.Select(entry => entry.Id);
    }

    public sealed class Entry(FileId id, NodeId owner, bool wasHeld)
    {
        public FileId Id => id;

        public NodeId Owner => owner;

        public bool WasHeld => wasHeld;

        /// <summary>Where it stands among those of its kind; null while it comes or goes.</summary>
        public LinkedListNode<Entry>? Place { get; set; }

        public LinkedListNode<Entry>? PlaceOfOwner { get; set; }
    }
}
