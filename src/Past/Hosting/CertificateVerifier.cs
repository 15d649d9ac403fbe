using System.Collections.Concurrent;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Verifies certificates' signatures and permits, and remembers by their hashes which ones were right.</summary>
/// <param name="brokers">Who permits files to be held; where nobody does, none needs a permit.</param>
internal sealed class CertificateVerifier(IReadOnlyCollection<PublicKey> brokers)
{
    private readonly VerifiedHashes _right = new();
    private readonly VerifiedHashes _permitted = new();

    /// <summary>Tells whether the owner signed a certificate, whoever may hold the file.</summary>
    public bool Verify(FileCertificate certificate) => _right.Check(certificate.Hash, certificate.Verify);

    /// <summary>Tells what keeps a file from being held, as far as its certificate says.</summary>
    public RefusalCode Judge(FileCertificate certificate) =>
        !Verify(certificate) ? RefusalCode.BadCertificate
        : IsPermitted(certificate) ? RefusalCode.None
        : RefusalCode.NoPermit;

    /// <summary>
    /// Tells whether it is too late for an owner to bring a file. What is stored already may stay and move, for ever: that its replicas are paid for does not
    /// expire.
    /// </summary>
    public bool HasExpired(FileCertificate certificate, DateTimeOffset now) => brokers.Count > 0 && certificate.Permit is { } permit && permit.ExpiresAt < now;

    private bool IsPermitted(FileCertificate certificate) =>
        brokers.Count == 0
        || (certificate.Permit is { } permit && permit.IsFor(certificate) && brokers.Contains(permit.Broker) && _permitted.Check(certificate.Hash, permit.Verify));

    private sealed class VerifiedHashes
    {
        private const int RememberedMax = 16_384;

        private readonly ConcurrentDictionary<Hash256, byte> _right = new();

        public bool Check(Hash256 hash, Func<bool> verify)
        {
            if (_right.ContainsKey(hash))
            {
                return true;
            }

            if (!verify())
            {
                return false;
            }

            if (_right.Count >= RememberedMax)
            {
                _right.Clear();
            }

            _right.TryAdd(hash, 0);
            return true;
        }
    }
}
