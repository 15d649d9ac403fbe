namespace P2P.YouServ.Wire;

/// <summary>The user is signed in.</summary>
internal sealed record SignInReply
{
    /// <summary>What proves it from now on. A secret.</summary>
    public required string Token { get; init; }

    public required string User { get; init; }

    public required string DisplayName { get; init; }

    /// <summary>The name of the user's site.</summary>
    public required string Site { get; init; }

    /// <summary>When the sign-in ends.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Leaves out the token.</summary>
    public override string ToString() => $"sign-in of {User} until {ExpiresAt:u}";
}
