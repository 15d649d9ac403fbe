namespace P2P.Pastry;

/// <summary>Says whether a node is admitted, and until when or why not.</summary>
public readonly record struct AdmissionDecision
{
    private AdmissionDecision(DateTimeOffset until, AdmissionRefusal? refusal)
    {
        IsAdmitted = refusal is null;
        Until = until;
        Refusal = refusal;
    }

    /// <summary>Whether the node is admitted; false in a decision that nobody has made.</summary>
    public bool IsAdmitted { get; }

    /// <summary>Until when it is admitted, give or take an hour for clocks that differ. It is forgotten then, unless it has been admitted anew.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>Why it is not admitted; null where it is.</summary>
    public AdmissionRefusal? Refusal { get; }

    /// <summary>Admits a node.</summary>
    /// <param name="until">Until when.</param>
    public static AdmissionDecision Admit(DateTimeOffset until) => new(until, refusal: null);

    /// <summary>Refuses a node.</summary>
    /// <param name="reason">Why; the node is told.</param>
    public static AdmissionDecision Refuse(AdmissionRefusal reason) => new(default, reason == default ? AdmissionRefusal.Barred : reason);
}
