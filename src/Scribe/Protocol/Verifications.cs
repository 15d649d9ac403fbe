using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>Has statements verified, each once at a time, and goes on with what waits for them. What was right is remembered, and for how long it is.</summary>
internal sealed class Verifications
{
    /// <summary>How many may be under way; what comes beyond that stays untried, so that whoever sent it tries again.</summary>
    private const int PendingMax = 4096;

    private const int RememberedMax = 4096;

    private readonly Dictionary<ulong, (object Statement, Instant? At, Action<Verdict, IOverlay> Then)> _pending = [];
    private readonly Dictionary<object, Instant> _rightUntil = [];
    private ulong _lastTicket;

    /// <summary>Gives a number that tells an outcome.</summary>
    public ulong NewTicket() => ++_lastTicket;

    /// <summary>Has a statement verified, unless it is remembered as right.</summary>
    /// <param name="statement">A batch, a certificate, or a capability.</param>
    /// <param name="at">When a capability must not have expired; null where that does not matter.</param>
    /// <param name="overlay">The overlay.</param>
    /// <param name="then">What follows, now or later.</param>
    public void Ask(object statement, Instant? at, IOverlay overlay, Action<Verdict, IOverlay> then)
    {
        if (_rightUntil.TryGetValue(statement, out var until))
        {
            then(at > until ? Verdict.Expired : Verdict.Right, overlay);
        }
        else if (statement is SignedBatch { IsKnownRight: true })
        {
            then(Verdict.Right, overlay);
        }
        else if (_pending.Count >= PendingMax)
        {
            then(Verdict.Untried, overlay);
        }
        else
        {
            var ticket = NewTicket();
            _pending.Add(ticket, (statement, at, then));
            overlay.Perform(new Verify(ticket, statement));
        }
    }

    /// <returns>False where the outcome is of nothing that was asked for here.</returns>
    public bool TryTake(Verified outcome, IOverlay overlay)
    {
        if (!_pending.Remove(outcome.Ticket, out var pending))
        {
            return false;
        }

        var until = outcome.Lifetime is { } lifetime ? overlay.Now + lifetime : Instant.Never;

        // Batches are many, and remember by themselves.
        if (outcome.IsRight && pending.Statement is not SignedBatch)
        {
            if (_rightUntil.Count >= RememberedMax)
            {
                _rightUntil.Clear();
            }

            _rightUntil[pending.Statement] = until;
        }

        pending.Then(!outcome.IsRight ? Verdict.Wrong : pending.At > until ? Verdict.Expired : Verdict.Right, overlay);
        return true;
    }
}

/// <summary>Says what a verification has found.</summary>
internal enum Verdict
{
    /// <summary>It was signed by whom it names, and had not expired.</summary>
    Right,

    /// <summary>It was not signed by whom it names.</summary>
    Wrong,

    /// <summary>It was signed, and has expired.</summary>
    Expired,

    /// <summary>Too much was to be verified.</summary>
    Untried,
}
