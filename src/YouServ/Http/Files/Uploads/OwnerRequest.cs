namespace P2P.YouServ.Http.Files;

/// <summary>What the owner asks to be changed in the folder.</summary>
internal sealed record OwnerRequest
{
    /// <summary>The file or folder.</summary>
    public string? Path { get; init; }

    /// <summary>Where it is moved to; for a move only.</summary>
    public string? To { get; init; }

    /// <summary>Whether a file there gives way; for a move only.</summary>
    public bool Overwrite { get; init; }
}
