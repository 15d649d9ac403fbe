using System.Text;

namespace P2P.YouSearch.Wire;

/// <summary>Names what registrars are asked at, and what proofs are made of.</summary>
internal static class RegistrarPaths
{
    public const string Register = "/search/v1/register";

    public const string Find = "/search/v1/find";

    public const string Silent = "/search/v1/silent";

    public const string Cached = "/search/v1/cached";

    /// <summary>Where vectors are held.</summary>
    public const string Vectors = "/search/vectors/v1";

    /// <summary>How a header begins that has a proof.</summary>
    public const string ProofScheme = "YouServ";

    /// <summary>What registrations, and requests to those who hold vectors, are.</summary>
    public const string BinaryType = "application/octet-stream";

    /// <summary>Gives what is proven of a request: the path, a line feed, and the body; so that nothing that was said at one place counts at another.</summary>
    public static byte[] ProvenOf(string path, ReadOnlySpan<byte> body)
    {
        var proven = new byte[path.Length + 1 + body.Length];
        Encoding.ASCII.GetBytes(path, proven);
        proven[path.Length] = (byte)'\n';
        body.CopyTo(proven.AsSpan(path.Length + 1));
        return proven;
    }
}
