namespace P2P.YouServ;

/// <summary>
/// Says who may read a file, or a folder with all in it for which no nearer rule stands. Where no rule stands on the whole way up, only the owner may.
/// </summary>
public sealed record AccessRule
{
    /// <summary>What the rule stands for.</summary>
    public required SitePath Path { get; init; }

    /// <summary>For whom it opens that.</summary>
    public Audience Audience { get; init; }

    /// <summary>The users it names; read with <see cref="Audience.Named"/>.</summary>
    public IReadOnlyList<UserId> Users { get; init; } = [];

    /// <summary>The groups it names, in lower case; read with <see cref="Audience.Named"/>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];
}
