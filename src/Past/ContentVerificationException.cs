namespace P2P.Past;

/// <summary>Says that content from outside is not what its certificate promises; none of it was given out or stored.</summary>
public sealed class ContentVerificationException : PastException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What does not match.</param>
    /// <param name="endedEarly">Whether all that came was right, and more was missing.</param>
    public ContentVerificationException(string message, bool endedEarly = false)
        : base(message) => EndedEarly = endedEarly;

    /// <summary>
    /// Whether all that came was right, and more was missing: the connection broke, and the transfer may be resumed. Otherwise the sender
    /// is faulty or lies.
    /// </summary>
    public bool EndedEarly { get; }
}
