namespace P2P.YouServ.Dns;

/// <summary>Says how updates are signed (RFC 8945 §6).</summary>
public enum TsigAlgorithm
{
    /// <summary>HMAC with SHA-256; every server has it.</summary>
    HmacSha256,

    /// <summary>HMAC with SHA-512.</summary>
    HmacSha512,
}
