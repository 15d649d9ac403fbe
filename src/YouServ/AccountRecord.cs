namespace P2P.YouServ;

/// <summary>Is an account that the coordinator keeps itself. The password is known as a salted, slow hash only.</summary>
public sealed record AccountRecord
{
    /// <summary>Whose it is.</summary>
    public required UserId User { get; init; }

    /// <summary>What the user is called.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>The user's groups, in lower case.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>The hash of the password with its salt and cost, as <see cref="LocalAccounts"/> writes it.</summary>
    public required string PasswordHash { get; init; }

    /// <summary>Leaves out the hash.</summary>
    public override string ToString() => $"{User} ({DisplayName})";
}
