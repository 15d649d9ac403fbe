namespace P2P.YouServ.Wire;

/// <summary>Says for whom the holder of a key may ask, for a few minutes. The coordinator signs it. It is worth nothing without the key, so that whoever is shown it cannot show it to others.</summary>
internal sealed record UserPass
{
    /// <summary>How long a pass holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Who signed in.</summary>
    public required string User { get; init; }

    /// <summary>The user's site.</summary>
    public required string Site { get; init; }

    /// <summary>The user's groups.</summary>
    public required IReadOnlyList<string> Groups { get; init; }

    /// <summary>The session at the coordinator: when that is revoked, the pass counts no longer at those who have heard of it.</summary>
    public required string SessionId { get; init; }

    /// <summary>The public key of the holder (SubjectPublicKeyInfo, base64).</summary>
    public required string Key { get; init; }

    /// <summary>When it was issued, by the coordinator's clock; milliseconds since 1970.</summary>
    public required long Issued { get; init; }

    /// <summary>When it ends; milliseconds since 1970.</summary>
    public required long Expires { get; init; }
}

/// <summary>Is what a peer asks to get a pass.</summary>
internal sealed record UserPassWish
{
    /// <summary>The public key (SubjectPublicKeyInfo, base64): ECDSA over P-256.</summary>
    public required string Key { get; init; }
}

/// <summary>Is what the coordinator answers.</summary>
internal sealed record UserPassReply
{
    /// <summary>The pass as it is shown.</summary>
    public required string Pass { get; init; }

    /// <summary>The pass as it is read.</summary>
    public required UserPass Says { get; init; }
}
