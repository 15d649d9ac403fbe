namespace P2P.YouServ.Protocol;

/// <summary>How the bytes of a file are packed on their way.</summary>
internal enum ContentCoding
{
    Identity,
    Gzip,
    Brotli,
}
