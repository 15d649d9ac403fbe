namespace P2P.Pastry.Simulation;

/// <summary>Keeps events where they lie until they are taken, so that sorting moves small entries only. It grows by pieces, and copies nothing.</summary>
/// <typeparam name="TEvent">What happens.</typeparam>
internal sealed class EventSlots<TEvent>
    where TEvent : struct
{
    private const int PieceBits = 12;
    private const int PieceLength = 1 << PieceBits;

    private readonly List<TEvent[]> _pieces = [];
    private int[] _free = new int[64];
    private int _freeCount;
    private int _usedCount;

    public int Add(in TEvent item)
    {
        var slot = _freeCount > 0 ? _free[--_freeCount] : _usedCount++;
        if (slot >> PieceBits == _pieces.Count)
        {
            _pieces.Add(new TEvent[PieceLength]);
        }

        _pieces[slot >> PieceBits][slot & (PieceLength - 1)] = item;
        return slot;
    }

    public TEvent Take(int slot)
    {
        ref var place = ref _pieces[slot >> PieceBits][slot & (PieceLength - 1)];
        var item = place;
        place = default;
        if (_freeCount == _free.Length)
        {
            Array.Resize(ref _free, _freeCount * 2);
        }

        _free[_freeCount++] = slot;
        return item;
    }
}
