namespace P2P.YouServ;

/// <summary>Lets whoever has it read one file, or one folder with all that is in it, without signing in.</summary>
public sealed record ShareLink
{
    /// <summary>The name by which the owner tells it from others; no secret.</summary>
    public required string Id { get; init; }

    /// <summary>What it opens.</summary>
    public required SitePath Path { get; init; }

    /// <summary>When it ends; null if only revoking ends it.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
