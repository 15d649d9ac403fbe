namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps one timer for any number of things that fall due: it is armed for the earliest of them, and what it finds at that instant
/// decides for when it is armed next.
/// </summary>
internal struct Deadline(TimerKind kind)
{
    private Instant _armedFor = Instant.Never;
    private ulong _nonce;

    /// <summary>Makes sure that the timer goes off at <paramref name="due"/> or before.</summary>
    public void Arm(Instant due, Outbox output)
    {
        if (due >= _armedFor)
        {
            return;
        }

        _armedFor = due;
        output.SetTimer(new TimerKey(kind, default, ++_nonce), due);
    }

    /// <summary>Takes a timer that went off; false where it has been overtaken.</summary>
    public bool TryTake(TimerKey timer)
    {
        if (timer.Nonce != _nonce)
        {
            return false;
        }

        _armedFor = Instant.Never;
        return true;
    }

    /// <summary>Forgets the timer: when it goes off, it does nothing.</summary>
    public void Disarm()
    {
        _nonce++;
        _armedFor = Instant.Never;
    }
}
