namespace P2P.YouServ;

/// <summary>Is the base of the exceptions that this package throws for misuse and for failures of the local machine.</summary>
public class YouServException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, to what, and what to do about it.</param>
    public YouServException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the one that caused it.</summary>
    /// <param name="message">What happened, to what, and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public YouServException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
