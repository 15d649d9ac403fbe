using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>Has statements verified, each once at a time, and goes on with what waits for them.</summary>
internal sealed class Verifications
{
    /// <summary>How many may be under way; what comes beyond that is taken as wrong, so that whoever sent it tries again.</summary>
    private const int PendingMax = 4096;

    private const int RememberedMax = 4096;

    private readonly Dictionary<ulong, (object Statement, Action<bool, IOverlay> Then)> _pending = [];
    private readonly HashSet<object> _right = [];
    private ulong _lastTicket;

    /// <summary>Gives a number that tells an outcome.</summary>
    public ulong NewTicket() => ++_lastTicket;

    /// <summary>Has a certificate or a capability verified, unless it is remembered as right.</summary>
    /// <param name="statement">What to verify.</param>
    /// <param name="overlay">The overlay.</param>
    /// <param name="then">Goes on.</param>
    /// <param name="age">How long ago what a capability allows was done.</param>
    public void Ask(object statement, IOverlay overlay, Action<bool, IOverlay> then, TimeSpan age = default)
    {
        if (_right.Contains(statement) || statement is SignedBatch { IsKnownRight: true })
        {
            then(true, overlay);
        }
        else if (_pending.Count >= PendingMax)
        {
            then(false, overlay);
        }
        else
        {
            var ticket = NewTicket();
            _pending.Add(ticket, (statement, then));
            overlay.Perform(new Verify(ticket, statement, age));
        }
    }

    /// <returns>False where the outcome is of nothing that was asked for here.</returns>
    public bool TryTake(Verified outcome, IOverlay overlay)
    {
        if (!_pending.Remove(outcome.Ticket, out var pending))
        {
            return false;
        }

        // Batches are many, and remember by themselves; capabilities expire.
        if (outcome.IsRight && pending.Statement is not (SignedBatch or GroupCapability))
        {
            if (_right.Count >= RememberedMax)
            {
                _right.Clear();
            }

            _right.Add(pending.Statement);
        }

        pending.Then(outcome.IsRight, overlay);
        return true;
    }
}
