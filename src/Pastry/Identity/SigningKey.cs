using System.Numerics;
using System.Security.Cryptography;

namespace P2P.Pastry;

/// <summary>Signs for a node, a host or a user: an ECDSA key on P-256 with SHA-256. Safe for concurrent use.</summary>
public sealed class SigningKey : ISigner, IDisposable
{
    /// <summary>The length of a signature in bytes (IEEE P1363 form).</summary>
    public const int SignatureLength = 64;

    private const int SecretLengthMin = 16;

    private const int ScalarLength = 32;

    private readonly Lock _gate = new();
    private readonly ECDsa _key;

    /// <summary>The order n of the group of P-256, most significant byte first.</summary>
    private static ReadOnlySpan<byte> Order =>
    [
        0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
    ];

    /// <summary>Half of the order, rounded down.</summary>
    private static ReadOnlySpan<byte> HalfOrder =>
    [
        0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
    ];

    private SigningKey(ECDsa key)
    {
        _key = key;
        PublicKey = PublicKey.FromEncoded(key.ExportSubjectPublicKeyInfo());
    }

    /// <summary>The half of the key that others verify with.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>Makes a new key.</summary>
    public static SigningKey Create() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    /// <summary>
    /// Makes the key that belongs to a secret; the same secret gives the same key, on every machine. For a key that need not be stored: one that follows from a master key, or that all who know
    /// something share.
    /// </summary>
    /// <param name="secret">The secret, 16 bytes or more, that nobody guesses: a random key, or what a password was stretched to, never a password.</param>
    /// <exception cref="ArgumentException">The secret is shorter.</exception>
    public static SigningKey Derive(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < SecretLengthMin)
        {
            throw new ArgumentException($"The secret has {secret.Length} bytes; it must have {SecretLengthMin} or more.", nameof(secret));
        }

        // A number of 384 bits modulo the order is as good as an even draw (FIPS 186-5, A.2.1).
        Span<byte> draw = stackalloc byte[48];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, draw, salt: [], info: "P2P.Pastry signing key 1"u8);
        var order = new BigInteger(Order, isUnsigned: true, isBigEndian: true);
        var number = (new BigInteger(draw, isUnsigned: true, isBigEndian: true) % (order - 1)) + 1;
        CryptographicOperations.ZeroMemory(draw);
        var scalar = new byte[ScalarLength];
        number.TryWriteBytes(scalar.AsSpan(ScalarLength - number.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
        try
        {
            return FromSecret(scalar);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(scalar);
        }
    }

    /// <summary>Makes the key that a secret number is; the same number gives the same key.</summary>
    /// <param name="secret">The private scalar, 32 bytes, big-endian.</param>
    internal static SigningKey FromSecret(byte[] secret)
    {
        // The framework's keys of some platforms do not compute the public point by themselves until they are exported and read again.
        using var key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = secret });
        return FromPem(key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>Takes a key from its PKCS#8 PEM form.</summary>
    /// <exception cref="PastryException">The text holds no unencrypted P-256 private key.</exception>
    public static SigningKey FromPem(ReadOnlySpan<char> pem)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(pem);
            return key.KeySize == 256
                ? new SigningKey(key)
                : throw new PastryException($"The key has {key.KeySize} bits; a key on P-256 is expected.");
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new PastryException("The text is not an unencrypted P-256 private key in PEM form (BEGIN PRIVATE KEY).", exception);
        }
    }

    /// <summary>Loads a key from a PEM file, or makes one and stores it there, readable by its owner only.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <exception cref="PastryException">The file is there but holds no P-256 key, or it can't be read or written.</exception>
    public static SigningKey LoadOrCreate(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            if (File.Exists(path))
            {
                return FromPem(File.ReadAllText(path));
            }

            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            var key = Create();
            OwnerFile.Create(path, System.Text.Encoding.ASCII.GetBytes(key.ExportPem()));
            return key;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new PastryException($"The key file '{path}' can't be read or written: {exception.Message}", exception);
        }
        catch (PastryException exception)
        {
            throw new PastryException($"The key file '{path}' can't be used. {exception.Message}", exception);
        }
    }

    /// <summary>Signs bytes.</summary>
    /// <returns>A signature of <see cref="SignatureLength"/> bytes, of the two that are equally good the one with the lower s.</returns>
    public byte[] Sign(ReadOnlySpan<byte> data)
    {
        byte[] signature;
        lock (_gate)
        {
            signature = _key.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        Lower(signature);
        return signature;
    }

    ValueTask<ReadOnlyMemory<byte>> ISigner.SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ValueTask.FromCanceled<ReadOnlyMemory<byte>>(cancellationToken) : new(Sign(data.Span));

    /// <summary>Writes the private key as unencrypted PKCS#8 PEM; keep it where only its owner reads.</summary>
    public string ExportPem()
    {
        lock (_gate)
        {
            return _key.ExportPkcs8PrivateKeyPem();
        }
    }

    /// <summary>
    /// Tells whether the second half of a signature is at most half of the group's order n. Where (r, s) is a signature, (r, n − s) is one, too,
    /// and anybody can compute it: only the lower one is taken, so that a statement has no second valid form.
    /// </summary>
    internal static bool IsLow(ReadOnlySpan<byte> s) => s.SequenceCompareTo(HalfOrder) <= 0;

    /// <summary>Makes a signature the one of the two with the lower s.</summary>
    internal static void Lower(Span<byte> signature)
    {
        var s = signature[(SignatureLength / 2)..];
        if (!IsLow(s))
        {
            SubtractFromOrder(s);
        }
    }

    /// <summary>Gives the key as the framework's type, for certificates.</summary>
    internal ECDsa ToECDsa()
    {
        lock (_gate)
        {
            return ECDsa.Create(_key.ExportParameters(includePrivateParameters: true));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    private static void SubtractFromOrder(Span<byte> s)
    {
        var borrow = 0;
        for (var i = s.Length - 1; i >= 0; i--)
        {
            var difference = Order[i] - s[i] - borrow;
            borrow = difference < 0 ? 1 : 0;
            s[i] = (byte)difference;
        }
    }
}
