namespace P2P.Pastry;

/// <summary>
/// Decides which nodes a ring admits. Anybody can make himself keys until some lie where he wants them on the ring; a closed ring takes only nodes
/// that somebody answers for, such as an authority whose certificates they carry: <see cref="AuthorityAdmission"/>.
/// </summary>
/// <remarks>
/// All hosts of a ring should decide alike: nodes that one admits and another does not can't all talk to each other. A transport asks at each handshake, after
/// the node has proven its key, and whenever a node renews its word; concurrently, and it waits for the answer.
/// </remarks>
public interface INodeAdmission
{
    /// <summary>Decides about a node.</summary>
    AdmissionDecision Judge(AdmissionRequest request);
}

/// <summary>Is a node that asks to be admitted to a ring, or is one that lives here and should know before it tries.</summary>
/// <param name="Node">Its key, of which it has proven that it holds it.</param>
/// <param name="Ring">The ring's name.</param>
/// <param name="Certificate">What it brings to be admitted: null where it brings nothing, and whatever anybody wrote else.</param>
/// <param name="Now">The time by this host's clock.</param>
public sealed record AdmissionRequest(PublicKey Node, string Ring, SignedStatement? Certificate, DateTimeOffset Now);

/// <summary>Says whether a node is admitted, and until when or why not.</summary>
public readonly record struct AdmissionDecision
{
    private readonly bool _isAdmitted;

    private AdmissionDecision(DateTimeOffset until, AdmissionRefusal refusal)
    {
        _isAdmitted = refusal == default;
        Until = until;
        Refusal = refusal == default ? null : refusal;
    }

    /// <summary>Whether the node is admitted.</summary>
    public bool IsAdmitted => _isAdmitted;

    /// <summary>Until when it is admitted, give or take an hour for clocks that differ. It is forgotten then, unless it has been admitted anew.</summary>
    public DateTimeOffset Until { get; }

    /// <summary>Why it is not admitted; null where it is.</summary>
    public AdmissionRefusal? Refusal { get; }

    /// <summary>Admits a node.</summary>
    /// <param name="until">Until when.</param>
    public static AdmissionDecision Admit(DateTimeOffset until) => new(until, default);

    /// <summary>Refuses a node.</summary>
    /// <param name="reason">Why; the node is told.</param>
    public static AdmissionDecision Refuse(AdmissionRefusal reason) => new(default, reason == default ? AdmissionRefusal.Barred : reason);
}
