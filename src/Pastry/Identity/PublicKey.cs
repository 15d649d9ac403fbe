using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace P2P.Pastry;

/// <summary>Verifies what the holder of the matching <see cref="SigningKey"/> signed: ECDSA on P-256 with SHA-256.</summary>
/// <remarks>
/// The key is kept as bytes and imported at the first verification, and again for each further thread that verifies at the same time, which costs about three
/// verifications; the keys seen last are remembered, so that another statement of the same signer does not pay for it again. Safe for concurrent use.
/// </remarks>
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>The length of an encoded key, in bytes.</summary>
    public const int EncodedLength = 91;

    private const int KnownMax = 4096;

    private const string PemLabel = "PUBLIC KEY";

    private static readonly ConcurrentDictionary<NodeId, PublicKey> Known = new();

    /// <summary>So many threads can be at work at once.</summary>
    private static readonly int ImportedMax = Environment.ProcessorCount;

    private readonly Lock _gate = new();
    private readonly Stack<ECDsa> _imported = new(1);
    private volatile bool _isUnusable;

    /// <summary>What stands before the 64 bytes of the point in the encoding of a P-256 key.</summary>
    private static ReadOnlySpan<byte> EncodedPrefix =>
    [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01,
        0x07, 0x03, 0x42, 0x00, 0x04,
    ];

    private PublicKey(ImmutableArray<byte> encoded)
    {
        Encoded = encoded;
        NodeId = NodeId.FromPublicKey(encoded.AsSpan());
    }

    /// <summary>The DER-encoded SubjectPublicKeyInfo.</summary>
    public ImmutableArray<byte> Encoded { get; }

    /// <summary>The place on the ring of a node with this key.</summary>
    public NodeId NodeId { get; }

    /// <summary>Takes a key as its DER-encoded SubjectPublicKeyInfo; whether its point lies on the curve shows at the first verification.</summary>
    /// <exception cref="ArgumentException">The bytes are not the encoding of a P-256 key.</exception>
    public static PublicKey FromEncoded(ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        TryFromEncoded(subjectPublicKeyInfo, out var key)
            ? key
            : throw new ArgumentException($"An encoded key has {EncodedLength} bytes: the SubjectPublicKeyInfo of an uncompressed point on P-256.", nameof(subjectPublicKeyInfo));

    /// <summary>Takes a key as its DER-encoded SubjectPublicKeyInfo, from bytes that anybody may have sent.</summary>
    /// <returns>False where the bytes are not the encoding of a P-256 key.</returns>
    /// <remarks>
    /// Only the one encoding that keys are exported in is taken. The framework would read others of the same key, such as a compressed point;
    /// each would give its holder another node id.
    /// </remarks>
    public static bool TryFromEncoded(ReadOnlySpan<byte> subjectPublicKeyInfo, [NotNullWhen(true)] out PublicKey? key)
    {
        key = null;
        if (subjectPublicKeyInfo.Length != EncodedLength || !subjectPublicKeyInfo.StartsWith(EncodedPrefix))
        {
            return false;
        }

        key = Known.TryGetValue(NodeId.FromPublicKey(subjectPublicKeyInfo), out var known) && subjectPublicKeyInfo.SequenceEqual(known.Encoded.AsSpan())
            ? known
            : new PublicKey([.. subjectPublicKeyInfo]);
        return true;
    }

    /// <summary>Takes a key from its PEM form (BEGIN PUBLIC KEY).</summary>
    /// <exception cref="PastryException">The text holds no public key on P-256.</exception>
    public static PublicKey FromPem(ReadOnlySpan<char> pem) =>
        PemEncoding.TryFind(pem, out var fields) && pem[fields.Label].SequenceEqual(PemLabel)
            && TryFromEncoded(Convert.FromBase64String(pem[fields.Base64Data].ToString()), out var key)
            ? key
            : throw new PastryException($"The text is no public key on P-256 in PEM form (BEGIN {PemLabel}).");

    /// <summary>Writes the key in PEM form.</summary>
    public string ExportPem() => PemEncoding.WriteString(PemLabel, Encoded.AsSpan());

    /// <summary>Tells whether <paramref name="signature"/> is this key's over exactly these bytes. A malformed key or signature verifies nothing.</summary>
    /// <param name="data">What was signed.</param>
    /// <param name="signature">
    /// The signature in IEEE P1363 form, 64 bytes, its s at most half of the group's order: the other form of a signature is refused.
    /// </param>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (signature.Length != SigningKey.SignatureLength || !SigningKey.IsLow(signature[(SigningKey.SignatureLength / 2)..]))
        {
            return false;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, hash);
        var key = Take();
        try
        {
            if (key is null || !key.VerifyHash(hash, signature))
            {
                return false;
            }

            Remember();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
        finally
        {
            GiveBack(key);
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

    /// <summary>
    /// Takes the key in the framework's form for one thread, which does not promise that several can use it at once: statements of one signer are verified on all cores.
    /// </summary>
    private ECDsa? Take()
    {
        lock (_gate)
        {
            if (_isUnusable)
            {
                return null;
            }

            if (_imported.TryPop(out var idle))
            {
                return idle;
            }
        }

        try
        {
            return Import(Encoded);
        }
        catch (Exception exception) when (exception is CryptographicException or PlatformNotSupportedException)
        {
            // The point is not on the curve: the key verifies nothing, and trying again would cost as much as it did now.
            _isUnusable = true;
            return null;
        }
    }

    private void GiveBack(ECDsa? key)
    {
        if (key is null)
        {
            return;
        }

        lock (_gate)
        {
            if (_imported.Count < ImportedMax)
            {
                _imported.Push(key);
                return;
            }
        }

        key.Dispose();
    }

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
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }
}
