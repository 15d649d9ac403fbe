namespace P2P.Pastry.Transport;

/// <summary>Reports that a peer could not be reached or talked to.</summary>
public sealed class TransportException : PastryException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">What kind of failure it is.</param>
    /// <param name="message">What happened, to what, and what to do about it.</param>
    /// <param name="innerException">The cause, if another exception is.</param>
    public TransportException(PeerDownReason reason, string message, Exception? innerException = null)
        : base(message, innerException!) => Reason = reason;

    /// <summary>What kind of failure it is.</summary>
    public PeerDownReason Reason { get; }
}
