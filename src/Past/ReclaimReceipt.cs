using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Is what a node signs when it has given up a replica because its owner took the file back (PAST §2.2), or when it should have held one: it refuses the
/// file from then on.
/// </summary>
/// <remarks>Immutable; two receipts are equal when their encodings are. The format is described in docs/protocols/past.md.</remarks>
public sealed class ReclaimReceipt : IEquatable<ReclaimReceipt>
{
    /// <summary>The longest encoded receipt, in bytes: 1 KiB. A usual one has about 240.</summary>
    public const int MaxEncodedLength = 1024;

    /// <summary>What the node's signature is good for.</summary>
    internal const string Purpose = "p2p.past.reclaimed.1";

    private const int FieldCount = 4;

    private readonly SignedStatement? _statement;

    private ReclaimReceipt(SignedStatement statement, in Claims claims)
    {
        _statement = statement;
        Holder = statement.Signer.NodeId;
        FileId = claims.FileId;
        CertificateHash = claims.CertificateHash;
        FreedBytes = claims.FreedBytes;
        ReclaimedAt = claims.ReclaimedAt;

        Encoded = statement.Encode();
    }

    private ReclaimReceipt(ReclaimCertificate certificate, long freedBytes, NodeId holder, DateTimeOffset reclaimedAt)
    {
        Holder = holder;
        FileId = certificate.FileId;
        CertificateHash = certificate.Hash;
        FreedBytes = freedBytes;
        ReclaimedAt = reclaimedAt;
        Encoded = [];
    }

    /// <summary>The file that was taken back.</summary>
    public FileId FileId { get; }

    /// <summary>The <see cref="ReclaimCertificate.Hash"/> of the certificate by which it was.</summary>
    public Hash256 CertificateHash { get; }

    /// <summary>The length of the content that the node held, in bytes; null where it never held the file and only refuses it.</summary>
    public long? FreedBytes { get; }

    /// <summary>When the replica was given up, or the node learnt that the file is taken back, by the node's clock, in whole milliseconds.</summary>
    public DateTimeOffset ReclaimedAt { get; }

    /// <summary>The key of the node that signed.</summary>
    /// <exception cref="InvalidOperationException">Nobody has signed, as in a simulation without cryptography.</exception>
    public PublicKey Signer => Statement.Signer;

    /// <summary>The node that signed, as its key tells.</summary>
    public NodeId Holder { get; }

    /// <summary>The receipt as it travels: a signed statement in MessagePack.</summary>
    public ImmutableArray<byte> Encoded { get; }

    internal SignedStatement Statement => _statement ?? throw new InvalidOperationException($"Nobody has signed the {this}.");

    /// <summary>Acknowledges that a replica was given up, or that none is held and none will be.</summary>
    /// <param name="certificate">The owner's word.</param>
    /// <param name="freedBytes">The length of the content that was held, in bytes; 0 or more, or null where none was.</param>
    /// <param name="holder">The key of the node that held it, or should have.</param>
    /// <param name="reclaimedAt">The time, from 1970; it is cut to whole milliseconds.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative, or the time is before 1970.</exception>
    public static ReclaimReceipt Create(ReclaimCertificate certificate, long? freedBytes, SigningKey holder, DateTimeOffset reclaimedAt)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(holder);
        ArgumentOutOfRangeException.ThrowIfNegative(freedBytes.GetValueOrDefault(), nameof(freedBytes));
        return Create(certificate, freedBytes, (purpose, body) => SignedStatement.Sign(holder, purpose, body), reclaimedAt);
    }

    /// <summary>Acknowledges that a replica was given up, or is refused, with a key that only its owner sees.</summary>
    internal static ReclaimReceipt Create(ReclaimCertificate certificate, long? freedBytes, StoreReceipt.Sign sign, DateTimeOffset reclaimedAt)
    {
        var claims = new Claims(certificate.FileId, certificate.Hash, freedBytes, StatementFields.WholeMilliseconds(reclaimedAt));
        return new ReclaimReceipt(sign(Purpose, claims.Encode()), claims);
    }

    /// <summary>Makes what stands for a receipt in a simulation without cryptography: it never verifies, and has no encoding that anybody could read.</summary>
    internal static ReclaimReceipt Unsigned(ReclaimCertificate certificate, long freedBytes, NodeId holder, DateTimeOffset reclaimedAt) =>
        new(certificate, freedBytes, holder, reclaimedAt);

    /// <summary>Tells whether the holder signed this receipt. Costs one ECDSA verification.</summary>
    public bool Verify() => _statement is not null && Statement.Verify(Purpose);

    /// <summary>Tells whether the receipt is for this very certificate; it may still be signed by anybody.</summary>
    public bool IsFor(ReclaimCertificate certificate)
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
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out ReclaimReceipt? receipt) =>
        StatementFields.TryRead(new ReadOnlySequence<byte>(encoded), MaxEncodedLength, static statement => new ReclaimReceipt(statement, Claims.Decode(statement.Body)), out receipt);

    /// <inheritdoc/>
    public bool Equals(ReclaimReceipt? other) =>
        other is not null && FileId == other.FileId && Holder == other.Holder && Encoded.AsSpan().SequenceEqual(other.Encoded.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReclaimReceipt);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(FileId, Holder, ReclaimedAt);

    /// <summary>Shows the file and the node that signed.</summary>
    public override string ToString() => $"reclaim receipt of {Holder} for {FileId}, {(FreedBytes is { } freed ? $"{freed} bytes" : "never held")}";

    /// <summary>Is the body of the signed statement.</summary>
    private readonly record struct Claims(FileId FileId, Hash256 CertificateHash, long? FreedBytes, DateTimeOffset ReclaimedAt)
    {
        public byte[] Encode()
        {
            var encoded = new ArrayBufferWriter<byte>(128);
            var writer = new MessagePackWriter(encoded);
            writer.WriteArrayHeader(FieldCount);
            StatementFields.Write(ref writer, FileId);
            StatementFields.Write(ref writer, CertificateHash);
            if (FreedBytes is { } freed)
            {
                writer.Write(freed);
            }
            else
            {
                writer.WriteNil();
            }

            writer.Write(ReclaimedAt.ToUnixTimeMilliseconds());
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
                    fields.TryReadNil() ? null : StatementFields.ReadInteger(ref fields, 0, ContentLayout.MaxContentLength),
                    StatementFields.ReadTime(ref fields)));
        }
    }
}
