using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>
/// Is what a group's creator signed about it: its name, and how it works. Every node of the group's tree has it, and checks by it who may join and
/// publish.
/// </summary>
/// <remarks>Immutable; two certificates are equal when their encodings are. The format is described in docs/protocols/scribe.md.</remarks>
public sealed class GroupCertificate : IEquatable<GroupCertificate>
{
    /// <summary>The longest name, in bytes of UTF-8.</summary>
    public const int MaxNameLength = 256;

    /// <summary>The longest encoded certificate, in bytes. A usual one has about 230.</summary>
    public const int MaxEncodedLength = 2 * 1024;

    private const string Purpose = "p2p.scribe.group.1";
    private const int FieldCount = 9;

    private readonly SignedStatement _statement;

    private GroupCertificate(SignedStatement statement, in Claims claims)
    {
        _statement = statement;
        Creator = statement.Signer;
        Name = claims.Name;
        Policy = claims.Policy;
        CreatedAt = claims.CreatedAt;
        Id = GroupId.Compute(Name, Creator);
        Encoded = statement.Encode();
    }

    /// <summary>The group's id, derived from its name and its creator's key.</summary>
    public GroupId Id { get; }

    /// <summary>The group's textual name.</summary>
    public string Name { get; }

    /// <summary>The key that signed.</summary>
    public PublicKey Creator { get; }

    /// <summary>How the group works.</summary>
    public GroupPolicy Policy { get; }

    /// <summary>When the certificate was made, by the creator's clock, in whole milliseconds. Of several for one group, the one that its rendezvous point has got first stays.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>The certificate as it travels: a signed statement in MessagePack.</summary>
    public ImmutableArray<byte> Encoded { get; }

    /// <summary>Certifies a group, with a key that may be elsewhere.</summary>
    /// <param name="name">The group's textual name, at most <see cref="MaxNameLength"/> bytes of UTF-8.</param>
    /// <param name="creator">Who signs.</param>
    /// <param name="policy">How the group is to work.</param>
    /// <param name="createdAt">The time, from 1970; it is cut to whole milliseconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The name is too long, or no valid UTF-16.</exception>
    /// <exception cref="ScribeException">A value of the policy is outside its range.</exception>
    /// <exception cref="PastryException">What the signer gave is no signature by its key.</exception>
    public static async ValueTask<GroupCertificate> CreateAsync(
        string name, ISigner creator, GroupPolicy policy, DateTimeOffset createdAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(creator);
        ArgumentNullException.ThrowIfNull(policy);
        policy.Validate();
        var claims = new Claims(name, policy, Fields.WholeMilliseconds(createdAt));
        return new GroupCertificate(await SignedStatement.SignAsync(creator, Purpose, claims.Encode(), cancellationToken).ConfigureAwait(false), claims);
    }

    /// <summary>Tells whether the creator signed this certificate.</summary>
    /// <remarks>Costs one ECDSA verification.</remarks>
    public bool Verify() => _statement.Verify(Purpose);

    /// <summary>Reads a certificate from bytes that anybody may have sent. Nothing is verified but the form: call <see cref="Verify"/>.</summary>
    /// <param name="encoded">Exactly the certificate.</param>
    /// <param name="certificate">The certificate, where the bytes are one.</param>
    /// <returns>False when the bytes are anything but a certificate within its limits.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out GroupCertificate? certificate)
    {
        try
        {
            var statement = Fields.ReadStatement(new(encoded), MaxEncodedLength);
            certificate = new GroupCertificate(statement, Claims.Decode(statement.Body));
            return true;
        }
        catch (Exception exception) when (Fields.IsMalformed(exception) || exception is ScribeException)
        {
            certificate = null;
            return false;
        }
    }

    /// <summary>Tells whether somebody may do something in the group, as far as that needs no signature to be verified and no clock.</summary>
    /// <param name="author">Who.</param>
    /// <param name="right">One right.</param>
    /// <param name="capability">What was shown for it.</param>
    internal bool Lets(PublicKey author, GroupRights right, GroupCapability? capability) =>
        (right == GroupRights.Join ? Policy.Members : Policy.Authors) == GroupAudience.Everyone
        || author.Equals(Creator)
        || (capability is not null && capability.Group == Id && capability.Holder == author.NodeId && capability.Creator.Equals(Creator) && capability.Rights.HasFlag(right));

    /// <inheritdoc/>
    public bool Equals(GroupCertificate? other) => other is not null && Encoded.AsSpan().SequenceEqual(other.Encoded.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GroupCertificate);

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode();

    /// <summary>Shows the group's name and id.</summary>
    public override string ToString() => $"group '{Name}' {Id}";

    /// <summary>Is the body of the signed statement.</summary>
    private readonly record struct Claims(string Name, GroupPolicy Policy, DateTimeOffset CreatedAt)
    {
        public byte[] Encode()
        {
            var encoded = new ArrayBufferWriter<byte>(128);
            var writer = new MessagePackWriter(encoded);
            writer.WriteArrayHeader(FieldCount);
            writer.Write(GroupId.EncodeName(Name));
            writer.Write((int)Policy.Dissemination);
            writer.Write((int)Policy.Authors);
            writer.Write((int)Policy.Members);
            writer.Write(Policy.HistoryCount);
            writer.Write((long)Policy.HistoryDuration.TotalMilliseconds);
            writer.Write(Policy.MessagesPerSecondMax);
            writer.Write(Policy.ShowsMembers);
            writer.Write(CreatedAt.ToUnixTimeMilliseconds());
            writer.Flush();
            return encoded.WrittenSpan.ToArray();
        }

        public static Claims Decode(ImmutableArray<byte> body)
        {
            var reader = new MessagePackReader(body.AsMemory());
            var claims = Fields.ReadAll(
                ref reader,
                FieldCount,
                static (ref MessagePackReader fields) =>
                {
                    var name = GroupId.DecodeName(Fields.ReadBytes(ref fields, 0, MaxNameLength));
                    var policy = new GroupPolicy
                    {
                        Dissemination = Fields.ReadEnum(ref fields, Dissemination.Crawling),
                        Authors = Fields.ReadEnum(ref fields, GroupAudience.Invited),
                        Members = Fields.ReadEnum(ref fields, GroupAudience.Invited),
                        HistoryCount = Fields.ReadInteger(ref fields, 1, GroupPolicy.HistoryCountLimit),
                        HistoryDuration = TimeSpan.FromMilliseconds(Fields.ReadInteger(ref fields, 0, (int)GroupPolicy.HistoryDurationLimit.TotalMilliseconds)),
                        MessagesPerSecondMax = Fields.ReadInteger(ref fields, 1, int.MaxValue),
                        ShowsMembers = fields.ReadBoolean(),
                    };
                    return new Claims(name, policy, Fields.ReadTime(ref fields));
                });
            claims.Policy.Validate();
            return claims;
        }
    }
}
