using System.Security.Cryptography;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Decides whether a host may speak for a node. A signature is verified once and remembered by the hash of the whole statement; ring,
/// host and expiry are looked at each time.
/// </summary>
internal sealed class DelegationVerifier(string ring, TimeProvider time)
{
    private const int Capacity = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<Fingerprint, Delegation> _verified = [];
    private readonly Queue<Fingerprint> _oldestFirst = new();

    /// <summary>Gives what the statement says, if the node on it signed it for this host and ring and it is not expired.</summary>
    /// <exception cref="InvalidDataException">It is not valid; the message says why.</exception>
    public Delegation Verify(SignedStatement statement, Fingerprint host)
    {
        var delegation = Remember(statement);
        Require(delegation.Host == host, "A delegation is for another host key.");
        Require(delegation.Ring == ring, "A delegation is for another ring.");
        Require(!delegation.IsExpired(time.GetUtcNow()), "A delegation has expired.");
        return delegation;
    }

    private Delegation Remember(SignedStatement statement)
    {
        var hash = Hash(statement);
        lock (_gate)
        {
            if (_verified.TryGetValue(hash, out var known))
            {
                return known;
            }
        }

        var delegation = Delegation.Read(statement);
        Require(delegation.Node.Id == statement.Signer.NodeId, "A delegation is signed by another key than the node's.");
        Require(statement.Verify(Delegation.Purpose), "A delegation's signature is forged.");
        lock (_gate)
        {
            // Only what is valid is remembered, so that nobody can push out others' with rubbish.
            if (_verified.TryAdd(hash, delegation))
            {
                _oldestFirst.Enqueue(hash);
                if (_oldestFirst.Count > Capacity)
                {
                    _verified.Remove(_oldestFirst.Dequeue());
                }
            }
        }

        return delegation;
    }

    private static Fingerprint Hash(SignedStatement statement)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(statement.Signer.Encoded.AsSpan());
        hash.AppendData(statement.Body.AsSpan());
        hash.AppendData(statement.Signature.AsSpan());
        return Fingerprint.FromBytes(hash.GetHashAndReset());
    }

    private static void Require(bool condition, string expectation)
    {
        if (!condition)
        {
            throw new InvalidDataException(expectation);
        }
    }
}
