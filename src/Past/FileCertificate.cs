using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Is what a file's owner signed about it (PAST §2.2): which id, which content, how many replicas. Whoever holds the certificate can check
/// any part of the content, wherever it came from.
/// </summary>
/// <remarks>Immutable; two certificates are equal when their encodings are. The format is described in docs/protocols/past.md.</remarks>
public sealed class FileCertificate : IEquatable<FileCertificate>
{
    /// <summary>The most replicas that a file can ask for.</summary>
    public const int MaxReplicaCount = 64;

    /// <summary>The longest salt, in bytes.</summary>
    public const int MaxSaltLength = 64;

    /// <summary>The longest metadata, in bytes: 4 KiB.</summary>
    public const int MaxMetadataLength = 4 * 1024;

    /// <summary>The longest encoded certificate, in bytes: 8 KiB. A usual one, without metadata, has about 300.</summary>
    public const int MaxEncodedLength = 8 * 1024;

    /// <summary>What the owner's signature is good for.</summary>
    internal const string Purpose = "p2p.past.certificate.1";

    private const int FieldCount = 8;
    private const int FieldCountWithPermit = 9;

    private readonly SignedStatement? _statement;

    private FileCertificate(SignedStatement statement, in Claims claims)
    {
        _statement = statement;
        Owner = statement.Signer;
        FileId = claims.FileId;
        ContentLength = claims.ContentLength;
        ContentRoot = claims.ContentRoot;
        ReplicaCount = claims.ReplicaCount;
        NameHash = claims.NameHash;
        Salt = claims.Salt;
        CreatedAt = claims.CreatedAt;
        Metadata = claims.Metadata;
        Permit = claims.Permit;

        Encoded = statement.Encode();
        Hash = Hash256.Compute(Encoded.AsSpan());
    }

    private FileCertificate(FileId fileId, PublicKey owner, long contentLength, int replicaCount)
    {
        Owner = owner;
        FileId = fileId;
        ContentLength = contentLength;
        ReplicaCount = replicaCount;
        Salt = [];
        Metadata = [];
        Encoded = [];

        Span<byte> name = stackalloc byte[Hash256.ByteLength];
        fileId.WriteBytes(name);
        BinaryPrimitives.WriteInt64BigEndian(name[FileId.ByteLength..], contentLength);
        BinaryPrimitives.WriteInt32BigEndian(name[(FileId.ByteLength + sizeof(long))..], replicaCount);
        Hash = Hash256.FromBytes(name);
    }

    /// <summary>The file's id.</summary>
    public FileId FileId { get; }

    /// <summary>The content's length in bytes.</summary>
    public long ContentLength { get; }

    /// <summary>The content's hash: the root of its <see cref="ContentTree"/>.</summary>
    public Hash256 ContentRoot { get; }

    /// <summary>How many nodes are to hold the file: the paper's k.</summary>
    public int ReplicaCount { get; }

    /// <summary>The SHA-256 hash of the file's textual name in UTF-8, which went into the id.</summary>
    public Hash256 NameHash { get; }

    /// <summary>The salt that went into the id.</summary>
    public ImmutableArray<byte> Salt { get; }

    /// <summary>When the certificate was made, by the owner's clock, in whole milliseconds.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>What the owner attached; PAST doesn't look into it.</summary>
    public ImmutableArray<byte> Metadata { get; }

    /// <summary>What a broker has signed for this file, where nodes ask for that; else null. <see cref="Verify"/> does not look into it.</summary>
    public InsertPermit? Permit { get; }

    /// <summary>The key that signed, and that alone can reclaim the file.</summary>
    public PublicKey Owner { get; }

    /// <summary>The certificate as it travels and is stored: a signed statement in MessagePack.</summary>
    public ImmutableArray<byte> Encoded { get; }

    /// <summary>
    /// The SHA-256 hash of <see cref="Encoded"/>: names this very certificate, for receipts and for remembering what was verified.
    /// </summary>
    public Hash256 Hash { get; }

    /// <summary>How the content is cut.</summary>
    public ContentLayout Layout => new(ContentLength);

    internal SignedStatement Statement => _statement ?? throw new InvalidOperationException($"Nobody has signed the {this}.");

    /// <summary>Certifies a file.</summary>
    /// <param name="name">The file's textual name; its hash goes into the id and the certificate, the name itself is not kept.</param>
    /// <param name="owner">The key to sign with.</param>
    /// <param name="content">The content's hashes.</param>
    /// <param name="replicaCount">How many replicas, 1 to <see cref="MaxReplicaCount"/>.</param>
    /// <param name="salt">The salt, at most <see cref="MaxSaltLength"/> bytes.</param>
    /// <param name="createdAt">The time, from 1970; it is cut to whole milliseconds.</param>
    /// <param name="metadata">Anything, at most <see cref="MaxMetadataLength"/> bytes.</param>
    /// <param name="permit">A broker's permit for this very file, where nodes ask for that.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    public static FileCertificate Create(
        string name,
        SigningKey owner,
        ContentTree content,
        int replicaCount,
        ReadOnlySpan<byte> salt,
        DateTimeOffset createdAt,
        ReadOnlySpan<byte> metadata = default,
        InsertPermit? permit = null)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var claims = Claims.Of(name, owner.PublicKey, content, replicaCount, salt, createdAt, metadata, permit);
        return new FileCertificate(SignedStatement.Sign(owner, Purpose, claims.Encode()), claims);
    }

    /// <summary>Certifies a file with a key that may be elsewhere.</summary>
    /// <param name="name">The file's textual name; its hash goes into the id and the certificate, the name itself is not kept.</param>
    /// <param name="owner">Who signs.</param>
    /// <param name="content">The content's hashes.</param>
    /// <param name="replicaCount">How many replicas, 1 to <see cref="MaxReplicaCount"/>.</param>
    /// <param name="salt">The salt, at most <see cref="MaxSaltLength"/> bytes.</param>
    /// <param name="createdAt">The time, from 1970; it is cut to whole milliseconds.</param>
    /// <param name="metadata">Anything, at most <see cref="MaxMetadataLength"/> bytes.</param>
    /// <param name="permit">A broker's permit for this very file, where nodes ask for that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">A value is outside its range.</exception>
    /// <exception cref="PastryException">What the signer gave is no signature by its key.</exception>
    public static async ValueTask<FileCertificate> CreateAsync(
        string name,
        ISigner owner,
        ContentTree content,
        int replicaCount,
        ReadOnlyMemory<byte> salt,
        DateTimeOffset createdAt,
        ReadOnlyMemory<byte> metadata = default,
        InsertPermit? permit = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var claims = Claims.Of(name, owner.PublicKey, content, replicaCount, salt.Span, createdAt, metadata.Span, permit);
        return new FileCertificate(await SignedStatement.SignAsync(owner, Purpose, claims.Encode(), cancellationToken).ConfigureAwait(false), claims);
    }

    /// <summary>
    /// Makes what stands for a certificate in a simulation without cryptography. Nobody has signed it: it never verifies, and it has no
    /// encoding that anybody could read.
    /// </summary>
    internal static FileCertificate Unsigned(FileId fileId, PublicKey owner, long contentLength, int replicaCount) =>
        new(fileId, owner, contentLength, replicaCount);

    /// <summary>
    /// Tells whether the owner signed this certificate, and the id is the owner's: derived from the name's hash, the owner's key and the
    /// salt. Nobody can certify content under an id of another owner.
    /// </summary>
    /// <remarks>Costs one ECDSA verification; remember the outcome by <see cref="Hash"/>.</remarks>
    public bool Verify() => _statement is not null && FileId == FileId.Compute(NameHash, Owner, Salt.AsSpan()) && Statement.Verify(Purpose);

    /// <summary>Tells whether the file was certified under this name.</summary>
    public bool Names(string name) => NameHash == FileId.HashName(name);

    /// <summary>
    /// Reads a certificate from bytes that anybody may have sent. Nothing is verified but the form: call <see cref="Verify"/>.
    /// </summary>
    /// <param name="encoded">Exactly the certificate.</param>
    /// <param name="certificate">The certificate, where the bytes are one.</param>
    /// <returns>False when the bytes are anything but a certificate within its limits.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out FileCertificate? certificate) =>
        TryRead(new ReadOnlySequence<byte>(encoded), out certificate);

    /// <inheritdoc cref="TryRead(ReadOnlyMemory{byte}, out FileCertificate?)"/>
    public static bool TryRead(in ReadOnlySequence<byte> encoded, [NotNullWhen(true)] out FileCertificate? certificate) =>
        StatementFields.TryRead(encoded, MaxEncodedLength, static statement => new FileCertificate(statement, Claims.Decode(statement.Body)), out certificate);

    /// <inheritdoc/>
    public bool Equals(FileCertificate? other) => other is not null && Hash == other.Hash;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FileCertificate);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash.GetHashCode();

    /// <summary>Shows the file's id and length.</summary>
    public override string ToString() => $"certificate of {FileId}, {ContentLength} bytes, {ReplicaCount} replicas";

    /// <summary>Is the body of the signed statement.</summary>
    private readonly record struct Claims(
        FileId FileId,
        long ContentLength,
        Hash256 ContentRoot,
        int ReplicaCount,
        Hash256 NameHash,
        ImmutableArray<byte> Salt,
        DateTimeOffset CreatedAt,
        ImmutableArray<byte> Metadata,
        InsertPermit? Permit)
    {
        public static Claims Of(
            string name,
            PublicKey owner,
            ContentTree content,
            int replicaCount,
            ReadOnlySpan<byte> salt,
            DateTimeOffset createdAt,
            ReadOnlySpan<byte> metadata,
            InsertPermit? permit)
        {
            ArgumentNullException.ThrowIfNull(content);
            ArgumentOutOfRangeException.ThrowIfLessThan(replicaCount, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(replicaCount, MaxReplicaCount);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(salt.Length, MaxSaltLength, nameof(salt));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(metadata.Length, MaxMetadataLength, nameof(metadata));
            var nameHash = FileId.HashName(name);
            return new Claims(
                FileId.Compute(nameHash, owner, salt),
                content.Layout.Length,
                content.Root,
                replicaCount,
                nameHash,
                [.. salt],
                StatementFields.WholeMilliseconds(createdAt),
                [.. metadata],
                permit);
        }

        public byte[] Encode()
        {
            var encoded = new ArrayBufferWriter<byte>(256);
            var writer = new MessagePackWriter(encoded);
            writer.WriteArrayHeader(Permit is null ? FieldCount : FieldCountWithPermit);
            StatementFields.Write(ref writer, FileId);
            writer.Write(ContentLength);
            StatementFields.Write(ref writer, ContentRoot);
            writer.Write(ReplicaCount);
            StatementFields.Write(ref writer, NameHash);
            writer.Write(Salt.AsSpan());
            writer.Write(CreatedAt.ToUnixTimeMilliseconds());
            writer.Write(Metadata.AsSpan());
            if (Permit is not null)
            {
                writer.Write(Permit.Encoded.AsSpan());
            }

            writer.Flush();
            return encoded.WrittenSpan.ToArray();
        }

        public static Claims Decode(ImmutableArray<byte> body)
        {
            var reader = new MessagePackReader(body.AsMemory());
            return StatementFields.ReadFields(
                ref reader,
                FieldCount,
                FieldCountWithPermit,
                static (ref MessagePackReader fields, int count) => new Claims(
                    StatementFields.ReadFileId(ref fields),
                    StatementFields.ReadInteger(ref fields, 0, ContentLayout.MaxContentLength),
                    StatementFields.ReadHash(ref fields),
                    (int)StatementFields.ReadInteger(ref fields, 1, MaxReplicaCount),
                    StatementFields.ReadHash(ref fields),
                    [.. StatementFields.ReadBytes(ref fields, 0, MaxSaltLength)],
                    StatementFields.ReadTime(ref fields),
                    [.. StatementFields.ReadBytes(ref fields, 0, MaxMetadataLength)],
                    count == FieldCountWithPermit ? ReadPermit(ref fields) : null));
        }

        private static InsertPermit? ReadPermit(ref MessagePackReader reader) =>
            reader.TryReadNil() ? null
            : InsertPermit.TryRead(StatementFields.ReadBytes(ref reader, 1, InsertPermit.MaxEncodedLength), out var permit) ? permit
            : throw new MessagePackSerializationException("The bytes are no permit.");
    }
}
