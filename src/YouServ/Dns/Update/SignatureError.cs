namespace P2P.YouServ.Dns;

/// <summary>Says what is wrong with a signature (RFC 8945 §3).</summary>
internal enum SignatureError
{
    None = 0,
    BadSignature = 16,
    BadKey = 17,
    BadTime = 18,
}
