using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>
/// Is what a file's owner signs to take it back (PAST §2.2). It proves by itself that the file is the owner's, also to a node that has never seen
/// the file's certificate.
/// </summary>
/// <remarks>Immutable; two certificates are equal when their encodings are. The format is described in docs/protocols/past.md.</remarks>
public sealed class ReclaimCertificate : IEquatable<ReclaimCertificate>
{
    /// <summary>The longest encoded certificate, in bytes: 1 KiB. A usual one has about 280.</summary>
    public const int MaxEncodedLength = 1024;

    /// <summary>What the owner's signature is good for.</summary>
    internal const string Purpose = "p2p.past.reclaim.1";

    private const int FieldCount = 4;

    private readonly SignedStatement? _statement;

    private ReclaimCertificate(SignedStatement statement, in Claims claims)
    {
        _statement = statement;
        Owner = statement.Signer;
        FileId = claims.FileId;
        NameHash = claims.NameHash;
        Salt = claims.Salt;
        CreatedAt = claims.CreatedAt;

        Encoded = statement.Encode();
        Hash = Hash256.Compute(Encoded.AsSpan());
    }

    private ReclaimCertificate(FileCertificate file, DateTimeOffset createdAt)
    {
        Owner = file.Owner;
        FileId = file.FileId;
        Salt = [];
        CreatedAt = createdAt;
        Encoded = [];
        Hash = file.Hash;
    }

    /// <summary>The file that is taken back.</summary>
    public FileId FileId { get; }

    /// <summary>The hash of the file's textual name, which went into its id.</summary>
    public Hash256 NameHash { get; }

    /// <summary>The salt that went into its id.</summary>
    public ImmutableArray<byte> Salt { get; }

    /// <summary>When the certificate was made, by the owner's clock, in whole milliseconds.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The key that signed.</summary>
    public PublicKey Owner { get; }

    /// <summary>The certificate as it travels and is stored: a signed statement in MessagePack.</summary>
    public ImmutableArray<byte> Encoded { get; }

    /// <summary>The SHA-256 hash of <see cref="Encoded"/>: names this very certificate in receipts.</summary>
    public Hash256 Hash { get; }

    internal SignedStatement Statement => _statement ?? throw new InvalidOperationException($"Nobody has signed the {this}.");

    /// <summary>Takes a file back, with a key that may be elsewhere.</summary>
    /// <param name="file">The file's certificate.</param>
    /// <param name="owner">Who signs: the file's owner.</param>
    /// <param name="createdAt">The time, from 1970; it is cut to whole milliseconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The file belongs to another owner.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    /// <exception cref="PastryException">What the signer gave is no signature by its key.</exception>
    public static async ValueTask<ReclaimCertificate> CreateAsync(
        FileCertificate file, ISigner owner, DateTimeOffset createdAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(owner);
        if (!owner.PublicKey.Equals(file.Owner))
        {
            throw new ArgumentException($"The file {file.FileId} belongs to another owner; only the key that signed its certificate takes it back.", nameof(owner));
        }

        return await CreateAsync(new Claims(file.FileId, file.NameHash, file.Salt, StatementFields.WholeMilliseconds(createdAt)), owner, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a file back of which there may be no certificate: what makes its id is enough.</summary>
    internal static ValueTask<ReclaimCertificate> CreateAsync(
        string name, ISigner owner, ReadOnlySpan<byte> salt, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        var nameHash = FileId.HashName(name);
        var fileId = FileId.Compute(nameHash, owner.PublicKey, salt);
        return CreateAsync(new Claims(fileId, nameHash, [.. salt], StatementFields.WholeMilliseconds(createdAt)), owner, cancellationToken);
    }

    /// <summary>Makes what stands for a certificate in a simulation without cryptography: it never verifies, and has no encoding that anybody could read.</summary>
    internal static ReclaimCertificate Unsigned(FileCertificate file, DateTimeOffset createdAt) => new(file, createdAt);

    /// <summary>Tells whether the signer owns the file: the id is derived from the name's hash, the signer's key and the salt. Costs one ECDSA verification.</summary>
    public bool Verify() => _statement is not null && FileId == FileId.Compute(NameHash, Owner, Salt.AsSpan()) && Statement.Verify(Purpose);

    /// <summary>
    /// Reads a certificate from bytes that anybody may have sent. Nothing is verified but the form: call <see cref="Verify"/>.
    /// </summary>
    /// <param name="encoded">Exactly the certificate.</param>
    /// <param name="certificate">The certificate, where the bytes are one.</param>
    /// <returns>False when the bytes are anything but a certificate within its limits.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out ReclaimCertificate? certificate) =>
        StatementFields.TryRead(new ReadOnlySequence<byte>(encoded), MaxEncodedLength, static statement => new ReclaimCertificate(statement, Claims.Decode(statement.Body)), out certificate);

    private static async ValueTask<ReclaimCertificate> CreateAsync(Claims claims, ISigner owner, CancellationToken cancellationToken) =>
        new(await SignedStatement.SignAsync(owner, Purpose, claims.Encode(), cancellationToken).ConfigureAwait(false), claims);

    /// <inheritdoc/>
    public bool Equals(ReclaimCertificate? other) => other is not null && Hash == other.Hash;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ReclaimCertificate);

    /// <inheritdoc/>
    public override int GetHashCode() => Hash.GetHashCode();

    /// <summary>Shows the file's id.</summary>
    public override string ToString() => $"reclaim certificate of {FileId}";

    /// <summary>Is the body of the signed statement.</summary>
    private readonly record struct Claims(FileId FileId, Hash256 NameHash, ImmutableArray<byte> Salt, DateTimeOffset CreatedAt)
    {
        public byte[] Encode()
        {
            var encoded = new ArrayBufferWriter<byte>(128);
            var writer = new MessagePackWriter(encoded);
            writer.WriteArrayHeader(FieldCount);
            StatementFields.Write(ref writer, FileId);
            StatementFields.Write(ref writer, NameHash);
            writer.Write(Salt.AsSpan());
            writer.Write(CreatedAt.ToUnixTimeMilliseconds());
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
                    [.. StatementFields.ReadBytes(ref fields, 0, FileCertificate.MaxSaltLength)],
                    StatementFields.ReadTime(ref fields)));
        }
    }
}
