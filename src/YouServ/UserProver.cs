using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using P2P.YouServ.Wire;

namespace P2P.YouServ;

/// <summary>
/// Proves to peers of the zone, and to its coordinator, on whose behalf a machine says something. A proof counts for one message and one recipient, who can do nothing with it elsewhere. Any number of
/// threads may use it.
/// </summary>
public sealed class UserProver
{
    private const string Purpose = "youserv proof 1\n";
    private const char Separator = '~';

    private readonly ECDsa _key;
    private readonly string _pass;
    private readonly TimeSpan _ahead;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();

    /// <param name="key">The key to which the pass belongs; whoever has this may use it for long, so that it is left to the collector.</param>
    /// <param name="pass">The pass.</param>
    /// <param name="says">What it says.</param>
    /// <param name="clock">The clock of this machine, which may be wrong: the pass has the coordinator's time.</param>
    internal UserProver(ECDsa key, string pass, UserPass says, TimeProvider clock)
    {
        (_key, _pass, _clock) = (key, pass, clock);
        _ahead = DateTimeOffset.FromUnixTimeMilliseconds(says.Issued) - clock.GetUtcNow();
        User = UserId.Parse(says.User);
        Site = SiteName.Parse(says.Site);
        Groups = says.Groups;
        ExpiresAt = DateTimeOffset.FromUnixTimeMilliseconds(says.Expires) - _ahead;
    }

    /// <summary>The user.</summary>
    public UserId User { get; }

    /// <summary>The user's own site.</summary>
    public SiteName Site { get; }

    /// <summary>The user's groups, in lower case.</summary>
    public IReadOnlyList<string> Groups { get; }

    /// <summary>When its proofs begin to count no longer, by the clock of this machine.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Proves a message.</summary>
    /// <param name="audience">For whom it is: the host of a site, or the zone for the coordinator. What is to be shown to others later has another name of its own.</param>
    /// <param name="message">What is said.</param>
    /// <returns>The proof: at most 20 KiB of letters, digits and a few signs that need no escaping in a header.</returns>
    public string Prove(string audience, ReadOnlySpan<byte> message)
    {
        ArgumentNullException.ThrowIfNull(audience);
        var moment = (_clock.GetUtcNow() + _ahead).ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        var signed = Signed(audience, _pass, moment, message);
        lock (_gate)
        {
            return $"{_pass}{Separator}{moment}{Separator}{Base64Url.EncodeToString(_key.SignData(signed, HashAlgorithmName.SHA256))}";
        }
    }

    /// <summary>Takes a proof apart.</summary>
    /// <returns>Pass, moment and signature; null if the text is no proof.</returns>
    internal static (string Pass, string Moment, byte[] Signature)? Split(string proof)
    {
        var parts = proof.Length > TicketKey.TicketLengthMax + 256 ? [] : proof.Split(Separator);
        return parts.Length == 3 && parts[1].Length <= 16 && Base64Url.IsValid(parts[2]) ? (parts[0], parts[1], Base64Url.DecodeFromChars(parts[2])) : null;
    }

    /// <summary>Gives what the key signs.</summary>
    internal static byte[] Signed(string audience, string pass, string moment, ReadOnlySpan<byte> message) =>
        Encoding.UTF8.GetBytes($"{Purpose}{audience.Length}:{audience}\n{moment}\n{Token.Hash(pass)}\n{Convert.ToHexStringLower(SHA256.HashData(message))}");
}
