using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps messages that can be neither forwarded nor delivered yet: the node is not ready, or a closer node is suspected, or dead with a
/// lease that still runs.
/// </summary>
internal sealed class HeldMessages(PastryOptions options, PayloadPool payloads)
{
    private Queue<Held> _queue = [];
    private Queue<Held> _spare = [];
    private long _bytes;

    public int Count => _queue.Count;

    /// <summary>When the oldest message is given up.</summary>
    public Instant NextExpiry => _queue.TryPeek(out var oldest) ? oldest.Until : Instant.Never;

    /// <summary>Keeps a message, whose payload is ours.</summary>
    /// <returns>How many of the oldest had to be dropped for it.</returns>
    public int Add(in Message message, NodeHandle? previousHop, Instant now)
    {
        var weight = message.Weight;
        var dropped = 0;
        while (_queue.Count > 0 && (_queue.Count >= options.HeldMessagesMax || _bytes + weight > options.HeldBytesMax))
        {
            Drop();
            dropped++;
        }

        _bytes += weight;
        _queue.Enqueue(new Held(message, previousHop, now + options.HeldMessageLifetime));
        return dropped;
    }

    /// <summary>Takes out all messages, to be tried again; what is kept meanwhile waits for the next time.</summary>
    public Queue<Held> TakeAll()
    {
        (_queue, _spare) = (_spare, _queue);
        _bytes = 0;
        return _spare;
    }

    /// <summary>Puts back a message that was taken out and still has to wait; its lifetime goes on.</summary>
    public void PutBack(in Held held)
    {
        _bytes += held.Message.Weight;
        _queue.Enqueue(held);
    }

    /// <summary>Drops what has waited too long.</summary>
    /// <returns>How many messages that were.</returns>
    public int DropExpired(Instant now)
    {
        var dropped = 0;
        while (_queue.TryPeek(out var oldest) && oldest.Until <= now)
        {
            Drop();
            dropped++;
        }

        return dropped;
    }

    private void Drop()
    {
        var message = _queue.Dequeue().Message;
        _bytes -= message.Weight;
        payloads.GiveBack(message.Payload);
    }
}

/// <summary>Is a message that waits.</summary>
internal readonly record struct Held(Message Message, NodeHandle? PreviousHop, Instant Until);
