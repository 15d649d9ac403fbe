namespace P2P.YouServ.Wire;

/// <summary>The peer's certificate.</summary>
internal sealed record CertificateReply
{
    /// <summary>The certificate (PEM); its issuer is the authority that the coordinator gives to everyone.</summary>
    public required string Certificate { get; init; }
}
