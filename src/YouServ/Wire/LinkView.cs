namespace P2P.YouServ.Wire;

/// <summary>A share link as the owner's page has it.</summary>
internal sealed record LinkView
{
    public required string Id { get; init; }

    public required string Path { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The link itself, with its secret: told once, when it is made.</summary>
    public string? Url { get; init; }
}
