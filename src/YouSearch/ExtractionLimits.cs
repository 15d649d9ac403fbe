namespace P2P.YouSearch;

/// <summary>Bounds what is read of one document.</summary>
public sealed record ExtractionLimits
{
    /// <summary>How many bytes a document may have to be read at all. Default: 64 MiB. Of plain text the beginning is read, however long the rest is.</summary>
    public long LengthMax { get; init; } = 64 << 20;

    /// <summary>How many characters of text are kept. Default: 2 Mi. What follows is not found.</summary>
    public int TextLengthMax { get; init; } = 2 << 20;

    /// <summary>How long reading may take. Default: 20 s. What takes longer is found by its name alone.</summary>
    public TimeSpan TimeMax { get; init; } = TimeSpan.FromSeconds(20);
}
