namespace P2P.YouServ;

/// <summary>Is a sign-in that holds until it ends or is revoked. The token that proves it is known to its holder only; the store has its hash.</summary>
public sealed record SessionRecord
{
    /// <summary>The session's id; no secret.</summary>
    public required string Id { get; init; }

    /// <summary>The SHA-256 of the token, in lower-case hexadecimal.</summary>
    public required string TokenHash { get; init; }

    /// <summary>What it is good for.</summary>
    public required SessionKind Kind { get; init; }

    /// <summary>Who signed in.</summary>
    public required UserId User { get; init; }

    /// <summary>What the user is called.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>The user's groups at sign-in, in lower case.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>From what machine, in words for the user; may be empty.</summary>
    public string Device { get; init; } = "";

    /// <summary>When the user signed in.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it ends by itself.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
