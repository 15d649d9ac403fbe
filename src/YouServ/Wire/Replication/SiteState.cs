namespace P2P.YouServ.Wire;

/// <summary>Says in which state a site is.</summary>
internal sealed record SiteState
{
    /// <summary>The later state has the higher number: milliseconds since 1970 at its beginning, or more where two came together.</summary>
    public required long Version { get; init; }

    /// <summary>Says where the numbers come from: an owner's peer that begins anew, with another folder for its state, has another one.</summary>
    public required string Origin { get; init; }

    /// <summary>The digest of all files, in hexadecimal.</summary>
    public required string Files { get; init; }

    /// <summary>The digest of the rules, in hexadecimal.</summary>
    public required string Rules { get; init; }
}

/// <summary>What the owner has said of a site, as it travels to replicas.</summary>
internal sealed record SharedRules
{
    public IReadOnlyList<SharedRule> Rules { get; init => field = value ?? []; } = [];

    public IReadOnlyList<SharedLink> Links { get; init => field = value ?? []; } = [];

    public bool ShowsHidden { get; init; }

    public bool RunsScripts { get; init; }
}

/// <summary>Who may read a path.</summary>
internal sealed record SharedRule
{
    public required string Path { get; init; }

    public required Audience Audience { get; init; }

    public IReadOnlyList<string> Users { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> Groups { get; init => field = value ?? []; } = [];
}

/// <summary>A share link. Its secret is known to those who got the link only.</summary>
internal sealed record SharedLink
{
    public required string Id { get; init; }

    public required string SecretHash { get; init; }

    public required string Path { get; init; }

    public DateTimeOffset? ExpiresAt { get; init; }
}
