namespace P2P.YouServ.Wire;

/// <summary>The owner wants a share link.</summary>
internal sealed record LinkWish
{
    public required string Path { get; init; }

    /// <summary>How long it is to hold; null for as long as nobody revokes it.</summary>
    public long? Seconds { get; init; }
}
