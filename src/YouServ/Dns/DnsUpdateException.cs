namespace P2P.YouServ.Dns;

/// <summary>Says that a server did not make an update, and why.</summary>
public sealed class DnsUpdateException : YouServException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="message">What happened, and what to do about it.</param>
    /// <param name="innerException">The cause on this side, if there was one.</param>
    public DnsUpdateException(DnsUpdateFailure failure, string message, Exception? innerException = null)
        : base(message, innerException!) =>
        Failure = failure;

    /// <summary>Why the update was not made.</summary>
    public DnsUpdateFailure Failure { get; }
}
