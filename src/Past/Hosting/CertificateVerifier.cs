using System.Collections.Concurrent;

namespace P2P.Past;

/// <summary>Verifies certificates' signatures, and remembers by their hashes which ones were right.</summary>
internal sealed class CertificateVerifier
{
    private const int RememberedMax = 16_384;

    private readonly ConcurrentDictionary<Hash256, byte> _right = new();

    public bool Verify(FileCertificate certificate)
    {
        if (_right.ContainsKey(certificate.Hash))
        {
            return true;
        }

        if (!certificate.Verify())
        {
            return false;
        }

        if (_right.Count >= RememberedMax)
        {
            _right.Clear();
        }

        _right.TryAdd(certificate.Hash, 0);
        return true;
    }
}
