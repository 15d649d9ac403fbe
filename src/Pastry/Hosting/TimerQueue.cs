using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>Keeps a node's timers in the order in which they are due, and those due together in the order in which they were set.</summary>
internal sealed class TimerQueue
{
    private readonly PriorityQueue<TimerRequest, (long Due, long Sequence)> _queue = new();
    private long _sequence;

    public Instant NextDue => _queue.TryPeek(out var next, out _) ? next.Due : Instant.Never;

    public void Add(in TimerRequest timer)
    {
        if (timer.Due != Instant.Never)
        {
            _queue.Enqueue(timer, (timer.Due.Ticks, _sequence++));
        }
    }

    public bool TryTakeDue(Instant now, out TimerKey key)
    {
        key = default;
        if (NextDue > now)
        {
            return false;
        }

        key = _queue.Dequeue().Key;
        return true;
    }
}
