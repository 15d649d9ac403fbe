using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Is what a broker signs when an owner may store a file: the file's replicas have been debited to the owner's quota (PAST §2.2). It travels in the file's
/// certificate, so that every node that is ever asked to hold the file can check it.
/// </summary>
/// <remarks>Immutable; two permits are equal when their encodings are. The format is described in docs/protocols/past.md.</remarks>
public sealed class InsertPermit : IEquatable<InsertPermit>
{
    /// <summary>The longest encoded permit, in bytes: 1 KiB. A usual one has about 270.</summary>
    public const int MaxEncodedLength = 1024;

    /// <summary>What the broker's signature is good for.</summary>
    internal const string Purpose = "p2p.past.permit.1";

    private const int FieldCount = 7;

    private InsertPermit(SignedStatement statement, in Claims claims)
    {
        Statement = statement;
        FileId = claims.FileId;
        OwnerHash = claims.OwnerHash;
        ContentLength = claims.ContentLength;
        ReplicaCount = claims.ReplicaCount;
        Serial = claims.Serial;
        IssuedAt = claims.IssuedAt;
        ExpiresAt = claims.ExpiresAt;

        Encoded = statement.Encode();
    }

    /// <summary>The file that may be stored.</summary>
    public FileId FileId { get; }

    /// <summary>The SHA-256 hash of the owner's encoded key.</summary>
    public Hash256 OwnerHash { get; }

    /// <summary>The length of its content in bytes.</summary>
    public long ContentLength { get; }

    /// <summary>How many nodes may hold it.</summary>
    public int ReplicaCount { get; }

    /// <summary>The number of the debit in the broker's books; no two files have the same.</summary>
    public long Serial { get; }

    /// <summary>When the owner's quota was debited, by the broker's clock, in whole milliseconds.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>Until when nodes take the file from its owner, in whole milliseconds. A file that is stored by then stays, and moves from node to node, for ever.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The key that signed.</summary>
    public PublicKey Broker => Statement.Signer;

    /// <summary>The permit as it travels: a signed statement in MessagePack.</summary>
    public ImmutableArray<byte> Encoded { get; }

    internal SignedStatement Statement { get; }

    /// <summary>Permits a file, with a key that may be elsewhere.</summary>
    /// <param name="broker">Who signs.</param>
    /// <param name="fileId">The file.</param>
    /// <param name="owner">The key of its owner.</param>
    /// <param name="contentLength">The length of its content in bytes.</param>
    /// <param name="replicaCount">How many nodes may hold it, 1 to <see cref="FileCertificate.MaxReplicaCount"/>.</param>
    /// <param name="serial">The number of the debit, 0 or more.</param>
    /// <param name="issuedAt">When it was debited, from 1970; it is cut to whole milliseconds.</param>
    /// <param name="expiresAt">Until when the file may be inserted; it is cut to whole milliseconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    /// <exception cref="PastryException">What the signer gave is no signature by its key.</exception>
    public static async ValueTask<InsertPermit> IssueAsync(
        ISigner broker,
        FileId fileId,
        PublicKey owner,
        long contentLength,
        int replicaCount,
        long serial,
        DateTimeOffset issuedAt,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentNullException.ThrowIfNull(owner);
        return await IssueAsync(broker, fileId, HashOf(owner), contentLength, replicaCount, serial, issuedAt, expiresAt, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Permits a file of an owner of whom only the key's hash is known.</summary>
    internal static async ValueTask<InsertPermit> IssueAsync(
        ISigner broker,
        FileId fileId,
        Hash256 ownerHash,
        long contentLength,
        int replicaCount,
        long serial,
        DateTimeOffset issuedAt,
        DateTimeOffset expiresAt,
        CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(contentLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(contentLength, ContentLayout.MaxContentLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicaCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(replicaCount, FileCertificate.MaxReplicaCount);
        ArgumentOutOfRangeException.ThrowIfNegative(serial);
        var claims = new Claims(
            fileId,
            ownerHash,
            contentLength,
            replicaCount,
            serial,
            StatementFields.WholeMilliseconds(issuedAt),
            StatementFields.WholeMilliseconds(expiresAt));
        return new InsertPermit(await SignedStatement.SignAsync(broker, Purpose, claims.Encode(), cancellationToken).ConfigureAwait(false), claims);
    }

    /// <summary>Tells whether the broker signed this permit. Costs one ECDSA verification.</summary>
    public bool Verify() => Statement.Verify(Purpose);

    /// <summary>Tells whether the permit is for this very file: its id, its owner, its length and its replicas. It may still be signed by anybody.</summary>
    public bool IsFor(FileCertificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return FileId == certificate.FileId
            && ContentLength == certificate.ContentLength
            && ReplicaCount == certificate.ReplicaCount
            && OwnerHash == HashOf(certificate.Owner);
    }

    /// <summary>
    /// Reads a permit from bytes that anybody may have sent. Nothing is verified but the form: call <see cref="Verify"/>.
    /// </summary>
    /// <param name="encoded">Exactly the permit.</param>
    /// <param name="permit">The permit, where the bytes are one.</param>
    /// <returns>False when the bytes are anything but a permit within its limits.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out InsertPermit? permit) =>
        StatementFields.TryRead(new ReadOnlySequence<byte>(encoded), MaxEncodedLength, static statement => new InsertPermit(statement, Claims.Decode(statement.Body)), out permit);

    /// <inheritdoc/>
    public bool Equals(InsertPermit? other) => other is not null && Encoded.AsSpan().SequenceEqual(other.Encoded.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as InsertPermit);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(FileId, Serial);

    /// <summary>Shows the file and its size.</summary>
    public override string ToString() => $"permit {Serial} for {FileId}, {ContentLength} bytes, {ReplicaCount} replicas, until {ExpiresAt:u}";

    /// <summary>Names an owner by the hash of the key.</summary>
    internal static Hash256 HashOf(PublicKey key) => Hash256.Compute(key.Encoded.AsSpan());

    /// <summary>Is the body of the signed statement.</summary>
    private readonly record struct Claims(
        FileId FileId, Hash256 OwnerHash, long ContentLength, int ReplicaCount, long Serial, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt)
    {
        public byte[] Encode()
        {
            var encoded = new ArrayBufferWriter<byte>(128);
            var writer = new MessagePackWriter(encoded);
            writer.WriteArrayHeader(FieldCount);
            StatementFields.Write(ref writer, FileId);
            StatementFields.Write(ref writer, OwnerHash);
            writer.Write(ContentLength);
            writer.Write(ReplicaCount);
            writer.Write(Serial);
            writer.Write(IssuedAt.ToUnixTimeMilliseconds());
            writer.Write(ExpiresAt.ToUnixTimeMilliseconds());
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
                    StatementFields.ReadInteger(ref fields, 0, ContentLayout.MaxContentLength),
                    (int)StatementFields.ReadInteger(ref fields, 1, FileCertificate.MaxReplicaCount),
                    StatementFields.ReadInteger(ref fields, 0, long.MaxValue),
                    StatementFields.ReadTime(ref fields),
                    StatementFields.ReadTime(ref fields)));
        }
    }
}
