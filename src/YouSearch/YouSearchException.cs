namespace P2P.YouSearch;

/// <summary>Says what cannot be done, to what, and what to do about it.</summary>
public sealed class YouSearchException : Exception
{
    /// <inheritdoc/>
    public YouSearchException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public YouSearchException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
