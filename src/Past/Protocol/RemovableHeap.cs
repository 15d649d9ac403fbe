using System.Runtime.InteropServices;

namespace P2P.Past.Protocol;

/// <summary>
/// Is a binary heap whose entries know their places, so that any of them can be taken out or moved in logarithmic time and without allocation.
/// </summary>
internal sealed class RemovableHeap<T>
    where T : RemovableHeap<T>.Entry
{
    private readonly List<T> _entries = [];

    public int Count => _entries.Count;

    /// <summary>The entry that goes before all others.</summary>
    public T First => _entries[0];

    public void Add(T entry)
    {
        entry.Place = _entries.Count;
        _entries.Add(entry);
        Rise(entry);
    }

    public void Remove(T entry)
    {
        var last = _entries[^1];
        _entries.RemoveAt(_entries.Count - 1);
        if (last != entry)
        {
            Put(last, entry.Place);
            Rise(last);
            Sink(last);
        }
    }

    /// <summary>Finds the place of an entry that goes later than before.</summary>
    public void Sink(T entry)
    {
        while (2 * entry.Place + 1 < _entries.Count)
        {
            var left = 2 * entry.Place + 1;
            var child = left + 1 < _entries.Count && _entries[left + 1].GoesBefore(_entries[left]) ? _entries[left + 1] : _entries[left];
            if (!child.GoesBefore(entry))
            {
                return;
            }

            Swap(entry, child);
        }
    }

    private void Rise(T entry)
    {
        while (entry.Place > 0 && _entries[(entry.Place - 1) / 2] is var parent && entry.GoesBefore(parent))
        {
            Swap(parent, entry);
        }
    }

    private void Swap(T upper, T lower)
    {
        var place = upper.Place;
        Put(upper, lower.Place);
        Put(lower, place);
    }

    private void Put(T entry, int place)
    {
        CollectionsMarshal.AsSpan(_entries)[place] = entry;
        entry.Place = place;
    }

    /// <summary>Is what can be put into a heap, and stands in one at most.</summary>
    public abstract class Entry
    {
        internal int Place { get; set; }

        /// <summary>Tells whether this entry goes before another one; no two are equal.</summary>
        public abstract bool GoesBefore(T other);
    }
}
