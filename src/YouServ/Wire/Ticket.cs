namespace P2P.YouServ.Wire;

/// <summary>
/// Tells one site who a visitor is, for a minute. The coordinator signs it, and the visitor's browser carries it there. A ticket of one site is worth nothing at another.
/// </summary>
internal sealed record Ticket
{
    /// <summary>How long a ticket holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(1);

    /// <summary>The site for which it is.</summary>
    public required string Site { get; init; }

    /// <summary>Who signed in.</summary>
    public required string User { get; init; }

    /// <summary>What the user is called.</summary>
    public required string DisplayName { get; init; }

    /// <summary>The user's groups.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>The session at the coordinator: when that is revoked, what was opened by the ticket ends too.</summary>
    public required string SessionId { get; init; }

    /// <summary>When that session ends by itself; seconds since 1970.</summary>
    public required long SessionExpires { get; init; }

    /// <summary>When the ticket ends; seconds since 1970.</summary>
    public required long Expires { get; init; }

    /// <summary>The hash of what the site gave the browser along, so that a ticket works in the browser only that asked for it.</summary>
    public required string Nonce { get; init; }

    /// <summary>The machine that sent the visitor to sign in, by <see cref="SignInProof.MachineOf"/>: another one of the same name takes the ticket for none.</summary>
    public required string Machine { get; init; }
}
