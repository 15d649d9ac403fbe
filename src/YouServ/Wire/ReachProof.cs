using System.Security.Cryptography;
using System.Text;

namespace P2P.YouServ.Wire;

/// <summary>
/// Shows that what answers at an address is the peer that asked for the lease: the coordinator sends a challenge there, and only who has the peer's token knows the answer.
/// </summary>
internal static class ReachProof
{
    /// <summary>The path at which a peer answers challenges.</summary>
    public const string Path = "/.youserv/reach";

    public const int ChallengeLength = 64;

    public static string CreateChallenge() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(ChallengeLength / 2));

    public static bool IsChallenge(string? text) => text is { Length: ChallengeLength } && text.All(char.IsAsciiHexDigitLower);

    /// <param name="tokenHash">The hash of the token, which both know.</param>
    /// <param name="host">The name that the challenge was sent to, so that no other site's answer will do.</param>
    /// <param name="challenge">The challenge.</param>
    public static string Answer(string tokenHash, string host, string challenge) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(tokenHash), Encoding.UTF8.GetBytes($"youserv reach 1\n{host}\n{challenge}")));
}
