namespace P2P.Pastry.Protocol;

/// <summary>
/// Bounds how many messages that start here may be under way: as many as their next hops acknowledge in time. Where a ring is asked for more
/// than it can bear, queues grow until nothing is in time any more; so new messages are turned away where they start, before they have
/// cost anybody anything.
/// </summary>
/// <remarks>
/// One that takes longer than the target sets the window to what would have been acknowledged within it, once for all that were sent before; as
/// long as they take less than half of it, each makes room for one message more, if there is need. It begins with all the room that there is:
/// bursts are no overload.
/// </remarks>
internal sealed class StartWindow(int max, TimeSpan target)
{
    private const int Min = 64;

    private int _size = int.MaxValue;
    private Instant _cutAt;

    /// <summary>How many may be under way.</summary>
    public int Size => Math.Min(_size, max);

    /// <summary>Takes the acknowledgement of a message.</summary>
    /// <param name="sentAt">When the message was sent.</param>
    /// <param name="underway">How many are under way that started here.</param>
    /// <param name="now">The instant.</param>
    /// <param name="usual">How much of it is the way, and no waiting.</param>
    public void Acknowledged(Instant sentAt, int underway, Instant now, TimeSpan usual = default)
    {
        if (now - sentAt - usual > target)
        {
            Missed(sentAt, underway, now, usual);
        }
        else if (underway > Size / 2 && Size < max && now - sentAt - usual < target / 2)
        {
            _size = Size + 1;
        }
    }

    /// <summary>Takes it that a message was not acknowledged; where that took little time, its next hop may be dead and nobody slow.</summary>
    /// <param name="sentAt">When the message was sent.</param>
    /// <param name="underway">How many are under way that started here.</param>
    /// <param name="now">The instant.</param>
    /// <param name="usual">How much of it is the way, and no waiting.</param>
    public void Missed(Instant sentAt, int underway, Instant now, TimeSpan usual = default)
    {
        if (now - sentAt - usual > target && sentAt >= _cutAt)
        {
            _size = Math.Max(Math.Min(Min, max), (int)(Math.Min(underway, Size) * ((target + usual) / (now - sentAt))));
            _cutAt = now;
        }
    }
}
