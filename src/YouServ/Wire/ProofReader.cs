using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;

namespace P2P.YouServ.Wire;

/// <summary>Verifies what <see cref="UserProver"/>s prove. Passes that were verified are remembered: importing a key costs more than a signature. Any number of threads may use it.</summary>
internal sealed class ProofReader(TicketKey coordinator)
{
    private const int KnownMax = 4096;

    private readonly ConcurrentDictionary<string, KnownPass> _known = new(StringComparer.Ordinal);

    /// <summary>Verifies a proof.</summary>
    /// <param name="proof">The proof.</param>
    /// <param name="audience">For whom it must be.</param>
    /// <param name="message">What was said.</param>
    /// <param name="now">The moment.</param>
    /// <param name="ageMax">How old it may be.</param>
    /// <param name="isRevoked">Tells whether a session has been revoked.</param>
    /// <returns>What it proves; null if it proves nothing.</returns>
    public UserProof? Read(string proof, string audience, ReadOnlySpan<byte> message, DateTimeOffset now, TimeSpan ageMax, Func<string, bool> isRevoked)
    {
        if (UserProver.Split(proof) is not var (pass, moment, signature)
            || !long.TryParse(moment, NumberStyles.None, CultureInfo.InvariantCulture, out var made)
            || Find(pass) is not { } known
            || isRevoked(known.Says.SessionId))
        {
            return null;
        }

        // A proof that is shown on later counts as of when it was made: the pass must have held then.
        var nowMilliseconds = now.ToUnixTimeMilliseconds();
        var tolerance = (long)UserProof.AgeMax.TotalMilliseconds;
        return made > nowMilliseconds - (long)ageMax.TotalMilliseconds && made < nowMilliseconds + tolerance
            && made >= known.Says.Issued && made < known.Says.Expires
            && known.Verifies(UserProver.Signed(audience, pass, moment, message), signature)
            ? new(known.Visitor, known.Site, DateTimeOffset.FromUnixTimeMilliseconds(made))
            : null;
    }

    private KnownPass? Find(string text)
    {
        if (_known.TryGetValue(text, out var known))
        {
            return known;
        }

        if (coordinator.ReadUserPass(text) is not { } says || KnownPass.TryCreate(says) is not { } created)
        {
            return null;
        }

        if (_known.Count >= KnownMax)
        {
            // Passes end within minutes: those that are still shown come back at once.
            _known.Clear();
        }

        _known[text] = created;
        return created;
    }

    private sealed class KnownPass
    {
        private readonly ECDsa _key;
        private readonly Lock _gate = new();

        private KnownPass(UserPass says, ECDsa key, SiteName site, UserId user)
        {
            (Says, _key, Site) = (says, key, site);
            Visitor = new Visitor { User = user, Groups = says.Groups.ToHashSet(StringComparer.Ordinal) };
        }

        public UserPass Says { get; }

        public SiteName Site { get; }

        public Visitor Visitor { get; }

        public static KnownPass? TryCreate(UserPass says)
        {
            if (!SiteName.TryParse(says.Site, out var site) || !UserId.TryParse(says.User, out var user))
            {
                return null;
            }

            return ProofKey.TryImport(says.Key) is { } key ? new(says, key, site, user) : null;
        }

        public bool Verifies(byte[] signed, byte[] signature)
        {
            lock (_gate)
            {
                return _key.VerifyData(signed, signature, HashAlgorithmName.SHA256);
            }
        }
    }
}
