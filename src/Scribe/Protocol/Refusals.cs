using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Says why something was refused.</summary>
internal enum RefusalCause
{
    /// <summary>An author has sent more than its group allows.</summary>
    RateExceeded,

    /// <summary>An author or a member is not invited, or has not signed what it should have.</summary>
    NotAllowed,

    /// <summary>A node takes part in as many groups as it may, or keeps as many.</summary>
    TooManyGroups,

    /// <summary>A batch would have had to wait where too many did: neighbours are slow, or signatures come faster than they can be verified.</summary>
    NoRoom,
}

/// <summary>Notes from time to time how much was refused meanwhile: who floods does not flood the log.</summary>
internal sealed class Refusals(ScribeCounters counters)
{
    private readonly long[] _noted = new long[Enum.GetValues<RefusalCause>().Length];

    public void Note(IOverlay overlay)
    {
        for (var cause = RefusalCause.RateExceeded; cause <= RefusalCause.NoRoom; cause++)
        {
            ref var noted = ref _noted[(int)cause];
            var count = counters.RefusedFor(cause);
            if (count > noted)
            {
                overlay.Perform(new Refused(cause, count - noted));
                noted = count;
            }
        }
    }
}
