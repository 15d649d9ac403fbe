namespace P2P.YouServ.Wire;

/// <summary>A peer asks for a certificate for its site's name.</summary>
internal sealed record CertificateWish
{
    /// <summary>PKCS#10, of a key on P-256 or P-384. Which names it is for, the coordinator decides.</summary>
    public required byte[] Request { get; init; }
}
