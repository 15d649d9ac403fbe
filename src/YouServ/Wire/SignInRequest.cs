namespace P2P.YouServ.Wire;

/// <summary>A peer signs its user in.</summary>
internal sealed record SignInRequest
{
    public required string User { get; init; }

    public required string Password { get; init; }

    /// <summary>What the user calls the machine.</summary>
    public string Device { get; init => field = value ?? ""; } = "";

    /// <summary>Leaves out the password.</summary>
    public override string ToString() => $"sign-in of {User}";
}
