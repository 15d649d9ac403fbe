namespace P2P.Past;

/// <summary>Is the base of the exceptions that this package throws for misuse and for failures of the local machine.</summary>
public class PastException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, to what, and what to do about it.</param>
    public PastException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with the one that caused it.</summary>
    /// <param name="message">What happened, to what, and what to do about it.</param>
    /// <param name="innerException">The cause.</param>
    public PastException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Refuses an option that is outside of its range.</summary>
    internal static void Require(bool holds, string option, object value, string expected)
    {
        if (!holds)
        {
            throw new PastException($"The option {option} is {value}; it must be {expected}.");
        }
    }
}
