using System.Security.Cryptography;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Decides whether a host may speak for a node, and whether the ring admits that. A signature is verified once and remembered by the hash of the whole
/// statement; ring, host, expiry and admission are looked at each time.
/// </summary>
internal sealed class DelegationVerifier(TcpTransportOptions options)
{
    private const int Capacity = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<Fingerprint, Delegation> _verified = [];
    private readonly Queue<Fingerprint> _oldestFirst = new();

    /// <summary>Gives what the statement says, if the node on it signed it for this host and ring, it is not expired, and the ring admits the node.</summary>
    /// <exception cref="HandshakeException">It is not valid, or the node is not admitted; the message says why.</exception>
    public Delegation Verify(SignedStatement statement, SignedStatement? certificate, Fingerprint host)
    {
        Delegation delegation;
        try
        {
            delegation = Remember(statement);
            Require(delegation.Host == host, "A delegation is for another host key.");
            Require(delegation.Ring == options.RingName, "A delegation is for another ring.");
            Require(!delegation.IsExpired(options.Time.GetUtcNow()), "A delegation has expired.");
        }
        catch (InvalidDataException exception)
        {
            throw new HandshakeException(Verdict.Identity, exception.Message);
        }

        return delegation with { AdmittedUntil = Admissions.Judge(options, statement.Signer, certificate) };
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
