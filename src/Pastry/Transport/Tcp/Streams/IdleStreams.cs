namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Keeps connections whose stream has ended well, for the next stream between the same nodes: a handshake costs as much as many a file. A bounded number is kept for a
/// short while; beyond that the oldest is closed.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="maxPerPair">How many are kept for two nodes.</param>
internal sealed class IdleStreams(TimeProvider time, int maxPerPair) : IDisposable
{
    private const int Max = 64;

    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();

    /// <summary>From the oldest to the newest.</summary>
    private readonly List<Idle> _idle = [];
    private bool _isClosed;

    /// <summary>Takes the connection out that was used last.</summary>
    public SecureChannel? TryTake(NodeId from, NodeId to)
    {
        lock (_gate)
        {
            var index = _idle.FindLastIndex(idle => idle.From == from && idle.To == to);
            if (index < 0)
            {
                return null;
            }

            var channel = _idle[index].Channel;
            _idle.RemoveAt(index);
            return channel;
        }
    }

    /// <summary>Keeps a connection, or closes it.</summary>
    public void Add(NodeId from, NodeId to, SecureChannel channel)
    {
        SecureChannel? tooMany = channel;
        lock (_gate)
        {
            if (!_isClosed && _idle.Count(idle => idle.From == from && idle.To == to) < maxPerPair)
            {
                _idle.Add(new Idle(from, to, channel, time.GetTimestamp()));
                tooMany = _idle.Count > Max ? TakeOldest() : null;
            }
        }

        tooMany?.Dispose();
    }

    /// <summary>Closes those that have waited long enough.</summary>
    public void Sweep() => CloseWhile(oldest => time.GetElapsedTime(oldest.Since) >= KeptFor);

    /// <summary>Closes all, and keeps none from now on.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        CloseWhile(_ => true);
    }

    private void CloseWhile(Predicate<Idle> isOver)
    {
        while (true)
        {
            SecureChannel channel;
            lock (_gate)
            {
                if (_idle.Count == 0 || !isOver(_idle[0]))
                {
                    return;
                }

                channel = TakeOldest();
            }

            channel.Dispose();
        }
    }

    private SecureChannel TakeOldest()
    {
        var channel = _idle[0].Channel;
        _idle.RemoveAt(0);
        return channel;
    }

    private readonly record struct Idle(NodeId From, NodeId To, SecureChannel Channel, long Since);
}
