namespace P2P.Past.Wire;

/// <summary>Bounds how long the other end of a stream may give no sign of progress; each sign starts the time anew.</summary>
internal sealed class Patience : IDisposable
{
    private readonly TimeSpan _span;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource _either;

    public Patience(TimeSpan span, TimeProvider time, CancellationToken outer)
    {
        _span = span;
        _outer = outer;
        _over = new CancellationTokenSource(span, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, outer);
    }

    /// <summary>Is set when the time is over, or the caller gives up.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Tells whether it was the peer's time that ran out.</summary>
    public bool IsOver => _over.IsCancellationRequested && !_outer.IsCancellationRequested;

    public void Renew() => _over.CancelAfter(_span);

    /// <summary>Lets the time stand still while nothing is expected of the peer, until it is renewed.</summary>
    public void Rest() => _over.CancelAfter(Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _either.Dispose();
        _over.Dispose();
    }
}
