namespace P2P.YouServ.Wire;

/// <summary>What a coordinator says of itself to whoever asks.</summary>
internal sealed record About
{
    /// <summary>The zone in which sites have their names.</summary>
    public required string Zone { get; init; }

    /// <summary>Where browsers find it; null for where it was asked.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>The public key of tickets: SubjectPublicKeyInfo in base64.</summary>
    public required string TicketKey { get; init; }

    /// <summary>The certificate of the zone's authority (PEM).</summary>
    public string Authority { get; init => field = value ?? ""; } = "";
}
