using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>Says that the authority of a ring admits a node: which key, to which ring, and until when.</summary>
/// <remarks>
/// It is a <see cref="SignedStatement"/> of purpose "p2p.pastry.admission.1", whose body is a MessagePack array: the node's public key (91 bytes), the ring, the
/// expiry (Unix seconds). Fields are added at its end. It is no secret: it is of use to the holder of the node's key only.
/// </remarks>
public sealed class AdmissionCertificate
{
    internal const string Purpose = "p2p.pastry.admission.1";

    private const string PemLabel = "P2P ADMISSION CERTIFICATE";
    private const int Fields = 3;
    private const int RingLengthMax = 64;

    private AdmissionCertificate(PublicKey node, string ring, DateTimeOffset expiresAt, SignedStatement statement)
    {
        Node = node;
        Ring = ring;
        ExpiresAt = expiresAt;
        Statement = statement;
    }

    /// <summary>The key of the node that is admitted.</summary>
    public PublicKey Node { get; }

    /// <summary>The name of the ring that it is admitted to.</summary>
    public string Ring { get; }

    /// <summary>Until when it is admitted, to the second.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The key of who admitted it.</summary>
    public PublicKey Authority => Statement.Signer;

    /// <summary>What travels: the certificate with its signature, for <see cref="Transport.NodeIdentity.Certificate"/>.</summary>
    public SignedStatement Statement { get; }

    /// <summary>Tells whether the signature is the authority's.</summary>
    public bool Verify() => Statement.Verify(Purpose);

    /// <summary>Admits a node.</summary>
    /// <param name="authority">The ring's authority: a <see cref="SigningKey"/>, or whoever keeps it.</param>
    /// <param name="node">The node's key.</param>
    /// <param name="ring">The name of the ring, 1 to 64 characters.</param>
    /// <param name="expiresAt">Until when.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PastryException">What the signer gave is no signature by its key.</exception>
    public static async ValueTask<AdmissionCertificate> IssueAsync(
        ISigner authority,
        PublicKey node,
        string ring,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(authority);
        ArgumentNullException.ThrowIfNull(node);
        ArgumentException.ThrowIfNullOrEmpty(ring);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ring.Length, RingLengthMax, nameof(ring));
        var buffer = new ArrayBufferWriter<byte>(192);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Fields);
        writer.Write(node.Encoded.AsSpan());
        writer.Write(ring);
        writer.Write(expiresAt.ToUnixTimeSeconds());
        writer.Flush();
        var statement = await SignedStatement.SignAsync(authority, Purpose, buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        return new AdmissionCertificate(node, ring, DateTimeOffset.FromUnixTimeSeconds(expiresAt.ToUnixTimeSeconds()), statement);
    }

    /// <summary>Reads what a statement claims, from whoever sent it; nothing is verified.</summary>
    /// <returns>False where the statement is no such certificate.</returns>
    public static bool TryRead(SignedStatement statement, [NotNullWhen(true)] out AdmissionCertificate? certificate)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var body = new ReadOnlySequence<byte>(statement.Body.AsMemory());
        return PackReading.TryRead(ref body, (ref MessagePackReader reader) => Read(ref reader, statement), out certificate);
    }

    /// <summary>Takes a certificate from the text that <see cref="ExportPem"/> wrote; nothing is verified.</summary>
    /// <exception cref="PastryException">The text holds no such certificate.</exception>
    public static AdmissionCertificate FromPem(ReadOnlySpan<char> pem)
    {
        if (PemEncoding.TryFind(pem, out var fields) && pem[fields.Label].SequenceEqual(PemLabel))
        {
            var bytes = new ReadOnlySequence<byte>(Convert.FromBase64String(pem[fields.Base64Data].ToString()));
            if (SignedStatement.TryRead(ref bytes, out var statement) && TryRead(statement, out var certificate))
            {
                return certificate;
            }
        }

        throw new PastryException($"The text is no admission certificate (BEGIN {PemLabel}).");
    }

    /// <summary>Writes the certificate as text, in the form of PEM.</summary>
    public string ExportPem() => PemEncoding.WriteString(PemLabel, Statement.Encode().AsSpan());

    /// <summary>Shows whom it admits, and until when.</summary>
    public override string ToString() => $"{Node.NodeId} in {Ring} until {ExpiresAt:u}";

    private static AdmissionCertificate Read(ref MessagePackReader reader, SignedStatement statement)
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= Fields, "An admission certificate has three fields.");
        var encoded = reader.ReadBytes();
        NodeHandleFormat.Require(encoded is { Length: PublicKey.EncodedLength }, "A key has 91 bytes.");
        Span<byte> bytes = stackalloc byte[PublicKey.EncodedLength];
        encoded!.Value.CopyTo(bytes);
        var ring = reader.ReadString();
        NodeHandleFormat.Require(ring is { Length: >= 1 and <= RingLengthMax }, "A ring's name has 1 to 64 characters.");
        return new AdmissionCertificate(PublicKey.FromEncoded(bytes), ring!, DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64()), statement);
    }
}
