namespace P2P.Pastry.Transport.Tcp;

/// <summary>Asks whether a ring admits a node, and says in words that help why not: on the side that refuses, and on the one that is refused.</summary>
internal static class Admissions
{
    private const int VerdictOffset = (int)Verdict.CertificateMissing - (int)AdmissionRefusal.CertificateMissing;

    /// <summary>Gives until when the node is admitted; without end where the ring is open.</summary>
    /// <exception cref="HandshakeException">It is not admitted.</exception>
    public static DateTimeOffset Judge(TcpTransportOptions options, PublicKey node, SignedStatement? certificate)
    {
        if (options.Admission is not { } admission)
        {
            return DateTimeOffset.MaxValue;
        }

        AdmissionDecision decision;
        try
        {
            decision = admission.Judge(new AdmissionRequest(node, options.RingName, certificate, options.Time.GetUtcNow()));
        }
        catch (Exception exception)
        {
            // Anybody writes admissions: one that fails admits nobody.
            throw new HandshakeException(Verdict.Barred, $"Whether the ring admits node {node.NodeId} could not be decided: {exception.Message}");
        }

        return decision.IsAdmitted
            ? decision.Until
            : throw new HandshakeException(
                VerdictOf(decision.Refusal ?? AdmissionRefusal.Barred),
                $"Ring '{options.RingName}' does not admit node {node.NodeId}: {Explain(decision.Refusal ?? AdmissionRefusal.Barred)}");
    }

    /// <summary>Says to a host what another means that refused one of its nodes.</summary>
    public static string ExplainTheirs(Verdict verdict) =>
        $"It belongs to a closed ring and does not admit a node of this host: {Explain((AdmissionRefusal)((int)verdict - VerdictOffset))}";

    private static Verdict VerdictOf(AdmissionRefusal refusal) =>
        Enum.IsDefined(refusal) ? (Verdict)((int)refusal + VerdictOffset) : Verdict.Barred;

    private static string Explain(AdmissionRefusal refusal) => refusal switch
    {
        AdmissionRefusal.CertificateMissing => "the node has no certificate; have the ring's authority issue one.",
        AdmissionRefusal.CertificateInvalid => "what the node shows is no certificate, or its signature is not right.",
        AdmissionRefusal.OtherAuthority => "the node's certificate is of another authority than the ring's.",
        AdmissionRefusal.OtherNode => "the certificate is another node's.",
        AdmissionRefusal.OtherRing => "the node's certificate is for a ring of another name.",
        AdmissionRefusal.Expired => "the node's certificate has expired; have the ring's authority issue a new one, and check that both clocks are right to an hour.",
        _ => "the ring does not want it.",
    };
}
