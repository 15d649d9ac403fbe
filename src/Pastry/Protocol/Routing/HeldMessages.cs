using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps messages that can be neither forwarded nor delivered yet: the node is not ready, or a closer node is suspected, or dead with a
/// lease that still runs.
/// </summary>
/// <remarks>
/// Each source, this node itself or a previous hop, has a queue of its own. Where there is no more room, the source that has taken the most of it
/// loses its oldest message: whoever sends much pushes out what it sent itself.
/// </remarks>
internal sealed class HeldMessages(PastryOptions options, PayloadPool payloads)
{
    private readonly Dictionary<NodeId, Source> _sources = [];
    private readonly Queue<Held> _taken = [];
    private long _bytes;

    public int Count { get; private set; }

    /// <summary>When to look for messages that have waited too long: no later than the oldest is given up.</summary>
    public Instant NextExpiry { get; private set; } = Instant.Never;

    /// <summary>Keeps a message, whose payload is ours.</summary>
    /// <returns>How many had to be dropped for it.</returns>
    public int Add(in Message message, NodeHandle? previousHop, Instant now)
    {
        var weight = message.Weight;
        var dropped = 0;
        while (Count > 0 && (Count >= options.HeldMessagesMax || _bytes + weight > options.HeldBytesMax))
        {
            Drop(Count >= options.HeldMessagesMax ? Largest(static source => source.Waiting.Count) : Largest(static source => source.Bytes));
            dropped++;
        }

        PutBack(new Held(message, previousHop, now + options.HeldMessageLifetime));
        return dropped;
    }

    /// <summary>Takes out all messages, to be tried again, in the order in which each source's came; valid until the next call.</summary>
    public Queue<Held> TakeAll()
    {
        _taken.Clear();
        foreach (var source in _sources.Values)
        {
            foreach (var held in source.Waiting)
            {
                _taken.Enqueue(held);
            }
        }

        _sources.Clear();
        (Count, _bytes, NextExpiry) = (0, 0, Instant.Never);
        return _taken;
    }

    /// <summary>Puts back a message that was taken out and still has to wait; its lifetime goes on.</summary>
    public void PutBack(in Held held)
    {
        var id = SourceOf(held);
        if (!_sources.TryGetValue(id, out var source))
        {
            _sources.Add(id, source = new Source());
        }

        source.Waiting.Enqueue(held);
        source.Bytes += held.Message.Weight;
        _bytes += held.Message.Weight;
        Count++;
        NextExpiry = held.Until < NextExpiry ? held.Until : NextExpiry;
    }

    /// <summary>Drops what has waited too long.</summary>
    /// <returns>How many messages that were.</returns>
    public int DropExpired(Instant now)
    {
        var before = Count;
        var next = Instant.Never;
        foreach (var source in _sources.Values)
        {
            while (source.Waiting.TryPeek(out var oldest) && oldest.Until <= now)
            {
                Drop(source);
            }

            if (source.Waiting.TryPeek(out var first) && first.Until < next)
            {
                next = first.Until;
            }
        }

        NextExpiry = next;
        return before - Count;
    }

    // Nobody has a key whose hash is 0.
    private static NodeId SourceOf(in Held held) => held.PreviousHop?.Id ?? default;

    private Source Largest(Func<Source, long> size)
    {
        Source? largest = null;
        foreach (var source in _sources.Values)
        {
            largest = largest is null || size(source) > size(largest) ? source : largest;
        }

        return largest!;
    }

    private void Drop(Source source)
    {
        var held = source.Waiting.Dequeue();
        source.Bytes -= held.Message.Weight;
        _bytes -= held.Message.Weight;
        Count--;
        if (source.Waiting.Count == 0)
        {
            // Also while the sources are walked: a dictionary bears that.
            _sources.Remove(SourceOf(held));
        }

        payloads.GiveBack(held.Message.Payload);
    }

    private sealed class Source
    {
        public Queue<Held> Waiting { get; } = [];

        public long Bytes { get; set; }
    }
}

/// <summary>Is a message that waits.</summary>
/// <param name="Message">The message; its payload is ours.</param>
/// <param name="PreviousHop">Who sent it here, or null where it started here.</param>
/// <param name="Until">When it is given up.</param>
internal readonly record struct Held(Message Message, NodeHandle? PreviousHop, Instant Until);
