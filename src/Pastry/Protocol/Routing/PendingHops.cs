using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps the messages that the next hop has not acknowledged yet. A slot is found from its sequence number: the low bits are its index,
/// the high bits count its uses, so that a late acknowledgement of an earlier use finds nothing.
/// </summary>
internal sealed class PendingHops(int capacity, long maxBytes)
{
    private const int IndexBits = 20;
    private const uint IndexMask = (1u << IndexBits) - 1;

    private PendingHop[] _slots = [];
    private int[] _free = [];
    private int _freeCount;
    private long _bytes;

    public int Count => _slots.Length - _freeCount;

    /// <summary>How many of the messages started at this node.</summary>
    public int StartedCount { get; private set; }

    /// <summary>Takes a message into custody.</summary>
    /// <param name="hop">The message, whose payload is ours to keep.</param>
    /// <param name="sequence">The number that the acknowledgement will repeat.</param>
    /// <returns>False where there is no room.</returns>
    public bool TryAdd(PendingHop hop, out uint sequence)
    {
        sequence = 0;
        var weight = hop.Message.Weight;
        if (_bytes + weight > maxBytes || (_freeCount == 0 && !Grow()))
        {
            return false;
        }

        _bytes += weight;
        StartedCount += hop.PreviousHop is null ? 1 : 0;
        var index = _free[--_freeCount];
        var uses = _slots[index].Uses + 1;
        sequence = (uint)(uses << IndexBits) | (uint)index;
        _slots[index] = hop with { Uses = uses, Message = hop.Message with { Sequence = sequence } };
        return true;
    }

    /// <summary>Ends the custody of the message that has this number, if there is one.</summary>
    public bool TryTake(uint sequence, NodeId from, out PendingHop hop)
    {
        var index = (int)(sequence & IndexMask);
        hop = default;
        if (index >= _slots.Length || _slots[index].NextHop?.Id != from || _slots[index].Message.Sequence != sequence)
        {
            return false;
        }

        hop = _slots[index];
        Free(index);
        return true;
    }

    /// <summary>Notes that the message with this number has not left this node.</summary>
    public void NotSent(uint sequence)
    {
        var index = (int)(sequence & IndexMask);
        if (index < _slots.Length && _slots[index].NextHop is not null && _slots[index].Message.Sequence == sequence)
        {
            _slots[index] = _slots[index] with { IsSent = false };
        }
    }

    /// <summary>Takes out everything that should have been acknowledged by now.</summary>
    /// <param name="now">The instant.</param>
    /// <param name="overdue">Receives the messages.</param>
    /// <returns>When the next of those that stay is due.</returns>
    public Instant TakeOverdue(Instant now, List<PendingHop> overdue)
    {
        var next = Instant.Never;
        for (var index = 0; index < _slots.Length; index++)
        {
            ref readonly var slot = ref _slots[index];
            if (slot.NextHop is null)
            {
                continue;
            }

            if (slot.Due <= now)
            {
                overdue.Add(slot);
                Free(index);
            }
            else if (slot.Due < next)
            {
                next = slot.Due;
            }
        }

        return next;
    }

    /// <summary>Takes out everything that is on its way to this node.</summary>
    public void TakeAllTo(NodeHandle nextHop, List<PendingHop> stranded)
    {
        for (var index = 0; index < _slots.Length; index++)
        {
            if (_slots[index].NextHop is { } hop && hop.Equals(nextHop))
            {
                stranded.Add(_slots[index]);
                Free(index);
            }
        }
    }

    private void Free(int index)
    {
        _bytes -= _slots[index].Message.Weight;
        StartedCount -= _slots[index].PreviousHop is null ? 1 : 0;
        _slots[index] = new PendingHop { Uses = _slots[index].Uses };
        _free[_freeCount++] = index;
    }

    private bool Grow()
    {
        var size = _slots.Length;
        if (size == capacity)
        {
            return false;
        }

        var newSize = Math.Min(Math.Max(4, size * 2), capacity);
        Array.Resize(ref _slots, newSize);
        Array.Resize(ref _free, newSize);
        for (var index = newSize - 1; index >= size; index--)
        {
            _free[_freeCount++] = index;
        }

        return true;
    }
}

/// <summary>Is a message that this node answers for until the next hop has acknowledged it.</summary>
internal readonly record struct PendingHop
{
    public Message Message { get; init; }

    public NodeHandle? NextHop { get; init; }

    public NodeHandle? PreviousHop { get; init; }

    public Instant SentAt { get; init; }

    public Instant Due { get; init; }

    /// <summary>Which next hop this is at this node, from 1.</summary>
    public int Attempt { get; init; }

    /// <summary>Tells whether the message has left this node; where it has not, the silence of the next hop means nothing.</summary>
    public bool IsSent { get; init; }

    public int Uses { get; init; }
}
