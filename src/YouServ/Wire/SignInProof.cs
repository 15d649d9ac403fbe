using System.Security.Cryptography;
using System.Text;

namespace P2P.YouServ.Wire;

/// <summary>
/// Shows the coordinator which machine has sent a visitor to sign in: the ticket is for that machine alone, so that one that stands in for the owner's for a while gets none that counts there.
/// </summary>
internal static class SignInProof
{
    /// <param name="tokenHash">The hash of the machine's token, which both know.</param>
    /// <param name="host">The site's host.</param>
    /// <param name="nonce">What the visitor's browser was given along.</param>
    public static string Of(string tokenHash, string host, string nonce) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Convert.FromHexString(tokenHash), Encoding.UTF8.GetBytes($"youserv authorize 1\n{host}\n{nonce}")));

    /// <summary>Tells whether a proof is right.</summary>
    public static bool IsRight(string proof, string tokenHash, string host, string nonce) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(proof), Encoding.ASCII.GetBytes(Of(tokenHash, host, nonce)));

    /// <summary>Names a machine in tickets, for those who know its token.</summary>
    public static string MachineOf(string tokenHash) => Token.Hash(tokenHash);
}
