using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps messages that can be neither forwarded nor delivered yet: the node is not ready, or a closer node is suspected, or dead with a
/// lease that still runs.
/// </summary>
internal sealed class HeldMessages(int capacity, TimeSpan lifetime, PayloadPool payloads)
{
    private Queue<Held> _queue = [];
    private Queue<Held> _spare = [];

    public int Count => _queue.Count;

    /// <summary>When the oldest message is given up.</summary>
    public Instant NextExpiry => _queue.TryPeek(out var oldest) ? oldest.Until : Instant.Never;

    /// <summary>Keeps a message, whose payload is ours.</summary>
    /// <returns>True where the oldest had to be dropped for it.</returns>
    public bool Add(in Message message, NodeHandle? previousHop, Instant now)
    {
        var isFull = _queue.Count >= capacity;
        if (isFull)
        {
            payloads.GiveBack(_queue.Dequeue().Message.Payload);
        }

        _queue.Enqueue(new Held(message, previousHop, now + lifetime));
        return isFull;
    }

    /// <summary>Takes out all messages, to be tried again; what is kept meanwhile waits for the next time.</summary>
    public Queue<Held> TakeAll()
    {
        (_queue, _spare) = (_spare, _queue);
        return _spare;
    }

    /// <summary>Puts back a message that was taken out and still has to wait; its lifetime goes on.</summary>
    public void PutBack(in Held held) => _queue.Enqueue(held);

    /// <summary>Drops what has waited too long.</summary>
    /// <returns>How many messages that were.</returns>
    public int DropExpired(Instant now)
    {
        var dropped = 0;
        while (_queue.TryPeek(out var oldest) && oldest.Until <= now)
        {
            payloads.GiveBack(oldest.Message.Payload);
            _queue.Dequeue();
            dropped++;
        }

        return dropped;
    }
}

/// <summary>Is a message that waits.</summary>
internal readonly record struct Held(Message Message, NodeHandle? PreviousHop, Instant Until);
