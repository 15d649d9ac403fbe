using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Is a timer of which only the earliest instant counts that was asked for.</summary>
internal sealed class Alarm(ulong token)
{
    private Instant _due = Instant.Never;

    public void Set(Instant due, IOverlay overlay)
    {
        if (due < _due)
        {
            _due = due;
            overlay.SetTimer(token, due);
        }
    }

    /// <summary>Tells whether it is time. If so, it has to be set anew.</summary>
    public bool Rings(Instant now)
    {
        if (now < _due)
        {
            return false;
        }

        _due = Instant.Never;
        return true;
    }
}
