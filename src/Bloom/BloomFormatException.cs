namespace P2P.Bloom;

/// <summary>Reports bytes that are no filter, or not one of the expected kind. It is all that readers of bytes throw.</summary>
public sealed class BloomFormatException : FormatException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong with the bytes.</param>
    public BloomFormatException(string message)
        : base(message)
    {
    }
}
