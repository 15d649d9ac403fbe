using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Is what a node signs when it has stored a replica (PAST §2.2). A client that holds k receipts of different nodes knows that nobody made
/// fewer copies than it asked for.
/// </summary>
/// <remarks>Immutable; two receipts are equal when their encodings are. The format is described in docs/protocols/past.md.</remarks>
public sealed class StoreReceipt : IEquatable<StoreReceipt>
{
    /// <summary>The longest encoded receipt, in bytes: 1 KiB. A usual one has about 240.</summary>
    public const int MaxEncodedLength = 1024;

    /// <summary>What the node's signature is good for.</summary>
    internal const string Purpose = "p2p.past.receipt.1";

    private const int FieldCount = 3;

    private readonly SignedStatement? _statement;

    private StoreReceipt(SignedStatement statement, in Claims claims)
    {
        _statement = statement;
        Holder = statement.Signer.NodeId;
        FileId = claims.FileId;
        CertificateHash = claims.CertificateHash;
        StoredAt = claims.StoredAt;

        Encoded = statement.Encode();
    }

    private StoreReceipt(FileCertificate certificate, NodeId holder, DateTimeOffset storedAt)
    {
        Holder = holder;
        FileId = certificate.FileId;
        CertificateHash = certificate.Hash;
        StoredAt = storedAt;
        Encoded = [];
    }

    /// <summary>The file that is stored.</summary>
    public FileId FileId { get; }

    /// <summary>The <see cref="FileCertificate.Hash"/> of the certificate that the replica is stored with.</summary>
    public Hash256 CertificateHash { get; }

    /// <summary>When the replica was stored, by the node's clock, in whole milliseconds.</summary>
    public DateTimeOffset StoredAt { get; }

    /// <summary>The key of the node that signed.</summary>
    /// <exception cref="InvalidOperationException">Nobody has signed, as in a simulation without cryptography.</exception>
    public PublicKey Signer => Statement.Signer;

    /// <summary>The node that signed, as its key tells.</summary>
    public NodeId Holder { get; }

    /// <summary>The receipt as it travels: a signed statement in MessagePack.</summary>
    public ImmutableArray<byte> Encoded { get; }

    internal delegate SignedStatement Sign(string purpose, ReadOnlySpan<byte> body);

    internal SignedStatement Statement => _statement ?? throw new InvalidOperationException($"Nobody has signed the {this}.");

    /// <summary>Acknowledges a stored replica.</summary>
    /// <param name="certificate">The certificate that the replica is stored with.</param>
    /// <param name="holder">The storing node's key.</param>
    /// <param name="storedAt">The time, from 1970; it is cut to whole milliseconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static StoreReceipt Create(FileCertificate certificate, SigningKey holder, DateTimeOffset storedAt)
    {
        ArgumentNullException.ThrowIfNull(holder);
        return Create(certificate, (purpose, body) => SignedStatement.Sign(holder, purpose, body), storedAt);
    }

    /// <summary>Acknowledges a stored replica with a key that only its owner sees.</summary>
    internal static StoreReceipt Create(FileCertificate certificate, Sign sign, DateTimeOffset storedAt)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var claims = new Claims(certificate.FileId, certificate.Hash, StatementFields.WholeMilliseconds(storedAt));
        return new StoreReceipt(sign(Purpose, claims.Encode()), claims);
    }

    /// <summary>Makes what stands for a receipt in a simulation without cryptography: it never verifies, and has no encoding that anybody could read.</summary>
    internal static StoreReceipt Unsigned(FileCertificate certificate, NodeId holder, DateTimeOffset storedAt) => new(certificate, holder, storedAt);

    /// <summary>Tells whether the holder signed this receipt. Costs one ECDSA verification.</summary>
    public bool Verify() => _statement is not null && Statement.Verify(Purpose);

    /// <summary>Tells whether the receipt is for this very certificate; it may still be signed by anybody.</summary>
    public bool IsFor(FileCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return FileId == certificate.FileId && CertificateHash == certificate.Hash;
    }

    /// <summary>
    /// Reads a receipt from bytes that anybody may have sent. Nothing is verified but the form: call <see cref="Verify"/>.
    /// </summary>
    /// <param name="encoded">Exactly the receipt.</param>
    /// <param name="receipt">The receipt, where the bytes are one.</param>
    /// <returns>False when the bytes are anything but a receipt within its limits.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out StoreReceipt? receipt) =>
        TryRead(new ReadOnlySequence<byte>(encoded), out receipt);

    /// <inheritdoc cref="TryRead(ReadOnlyMemory{byte}, out StoreReceipt?)"/>
    public static bool TryRead(in ReadOnlySequence<byte> encoded, [NotNullWhen(true)] out StoreReceipt? receipt) =>
        StatementFields.TryRead(encoded, MaxEncodedLength, static statement => new StoreReceipt(statement, Claims.Decode(statement.Body)), out receipt);

    /// <inheritdoc/>
    public bool Equals(StoreReceipt? other) =>
        other is not null && FileId == other.FileId && Holder == other.Holder && Encoded.AsSpan().SequenceEqual(other.Encoded.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as StoreReceipt);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(FileId, Holder, StoredAt);

    /// <summary>Shows the file and the node that holds it.</summary>
    public override string ToString() => $"receipt of {Holder} for {FileId}";

    /// <summary>Is the body of the signed statement.</summary>
    private readonly record struct Claims(FileId FileId, Hash256 CertificateHash, DateTimeOffset StoredAt)
    {
        public byte[] Encode()
        {
            var encoded = new ArrayBufferWriter<byte>(128);
            var writer = new MessagePackWriter(encoded);
            writer.WriteArrayHeader(FieldCount);
            StatementFields.Write(ref writer, FileId);
            StatementFields.Write(ref writer, CertificateHash);
            writer.Write(StoredAt.ToUnixTimeMilliseconds());
            writer.Flush();
            return encoded.WrittenSpan.ToArray();
        }

        public static Claims Decode(ImmutableArray<byte> body)
        {
            var reader = new MessagePackReader(body.AsMemory());
            return StatementFields.ReadFields(
                ref reader,
                FieldCount,
                static (ref MessagePackReader fields) => new Claims(
                    StatementFields.ReadFileId(ref fields),
                    StatementFields.ReadHash(ref fields),
                    StatementFields.ReadTime(ref fields)));
        }
    }
}
