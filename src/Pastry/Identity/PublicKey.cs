using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace P2P.Pastry.Identity;

/// <summary>Verifies what the holder of the matching <see cref="SigningKey"/> signed: ECDSA on P-256 with SHA-256.</summary>
/// <remarks>
/// The key is kept as bytes and imported at the first verification, which costs about three verifications; the keys seen last are
/// remembered, so that another statement of the same signer does not pay for it again. Safe for concurrent use.
/// </remarks>
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>The longest encoded key that is read from others, in bytes; a P-256 key has 91.</summary>
    public const int MaxEncodedLength = 256;

    private const int KnownMax = 4096;

    private static readonly ConcurrentDictionary<NodeId, PublicKey> Known = new();

    private readonly Lock _gate = new();
    private ECDsa? _imported;

    private PublicKey(ImmutableArray<byte> encoded)
    {
        Encoded = encoded;
        NodeId = NodeId.FromPublicKey(encoded.AsSpan());
    }

    /// <summary>The DER-encoded SubjectPublicKeyInfo.</summary>
    public ImmutableArray<byte> Encoded { get; }

    /// <summary>The place on the ring of a node with this key.</summary>
    public NodeId NodeId { get; }

    /// <summary>Takes a key as its DER-encoded SubjectPublicKeyInfo; whether it is a valid point shows at the first verification.</summary>
    /// <exception cref="ArgumentException">The encoding is empty or longer than <see cref="MaxEncodedLength"/>.</exception>
    public static PublicKey FromEncoded(ReadOnlySpan<byte> subjectPublicKeyInfo)
    {
        if (subjectPublicKeyInfo.Length is 0 or > MaxEncodedLength)
        {
            throw new ArgumentException($"An encoded public key is 1 to {MaxEncodedLength} bytes long, not {subjectPublicKeyInfo.Length}.", nameof(subjectPublicKeyInfo));
        }

        if (Known.TryGetValue(NodeId.FromPublicKey(subjectPublicKeyInfo), out var known) && subjectPublicKeyInfo.SequenceEqual(known.Encoded.AsSpan()))
        {
            return known;
        }

        return new PublicKey([.. subjectPublicKeyInfo]);
    }

    /// <summary>Tells whether <paramref name="signature"/> is this key's over exactly these bytes. A malformed key or signature verifies nothing.</summary>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">The signature in IEEE P1363 form, 64 bytes.</param>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SigningKey.SignatureLength)
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        lock (_gate)
        {
            try
            {
                _imported ??= Import(Encoded);
                var valid = _imported.VerifyHash(hash, signature);
                if (valid)
                {
                    Remember();
                }

                return valid;
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(PublicKey? other) => other is not null && NodeId == other.NodeId && Encoded.AsSpan().SequenceEqual(other.Encoded.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => NodeId.GetHashCode();

    /// <summary>Shows the node id that the key stands for.</summary>
    public override string ToString() => $"key of {NodeId}";

    /// <summary>Only a key that has verified something is remembered, so that made-up keys can't push out those in use.</summary>
    private void Remember()
    {
        if (Known.Count >= KnownMax)
        {
            Known.Clear();
        }

        Known.TryAdd(NodeId, this);
    }

    private static ECDsa Import(ImmutableArray<byte> encoded)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(ImmutableCollectionsMarshal.AsArray(encoded), out _);
            return key.KeySize == 256 ? key : throw new CryptographicException("Only keys on P-256 are accepted.");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
