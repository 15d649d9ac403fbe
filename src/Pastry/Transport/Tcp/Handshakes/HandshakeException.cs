namespace P2P.Pastry.Transport.Tcp;

/// <summary>Ends a handshake because of what one side thinks of the other.</summary>
/// <param name="verdict">What is wrong, as it is told to the other side.</param>
/// <param name="message">What is wrong, for people.</param>
/// <param name="isTheirs">Whether it is the other side that refused this one.</param>
internal sealed class HandshakeException(Verdict verdict, string message, bool isTheirs = false) : Exception(message)
{
    public Verdict Verdict { get; } = verdict;

    /// <summary>Whether a node was not admitted to a closed ring.</summary>
    public bool IsAboutAdmission => Verdict is >= Verdict.CertificateMissing and <= Verdict.Barred;

    /// <summary>The failure in the words of the transport's contract.</summary>
    public PeerDownReason Reason => Verdict switch
    {
        Verdict.Version or Verdict.Ring => PeerDownReason.Incompatible,
        Verdict.Identity or Verdict.NotHere => PeerDownReason.IdentityMismatch,
        _ when IsAboutAdmission => isTheirs ? PeerDownReason.NotAdmitted : PeerDownReason.IdentityMismatch,
        _ => PeerDownReason.Refused,
    };

    /// <summary>The failure as a tag of metrics.</summary>
    public string Tag => Verdict switch
    {
        Verdict.Version => "version",
        Verdict.Ring => "ring",
        Verdict.Identity => "identity",
        Verdict.NotHere => "not_here",
        _ when IsAboutAdmission => "not_admitted",
        _ => "busy",
    };
}
