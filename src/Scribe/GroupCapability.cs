using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe;

/// <summary>Is what a group's creator signs for somebody who is invited: what the holder of a key may do in the group, and until when.</summary>
/// <remarks>Immutable; two capabilities are equal when their encodings are. The format is described in docs/protocols/scribe.md.</remarks>
public sealed class GroupCapability : IEquatable<GroupCapability>
{
    /// <summary>The longest encoded capability, in bytes. A usual one has about 210.</summary>
    public const int MaxEncodedLength = 512;

    private const string Purpose = "p2p.scribe.capability.1";
    private const int FieldCount = 4;

    private readonly SignedStatement _statement;

    private GroupCapability(SignedStatement statement, in Claims claims)
    {
        _statement = statement;
        Group = claims.Group;
        Holder = claims.Holder;
        Rights = claims.Rights;
        ExpiresAt = claims.ExpiresAt;
        Encoded = statement.Encode();
    }

    /// <summary>The group.</summary>
    public GroupId Group { get; }

    /// <summary>
    /// Who may act, by the id that a node with the same key would have. Only of an author is it verified: a join is passed on by other nodes, which show the same capability.
    /// </summary>
    public NodeId Holder { get; }

    /// <summary>What the holder may do.</summary>
    public GroupRights Rights { get; }

    /// <summary>Until when, in whole milliseconds.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>The key that signed.</summary>
    public PublicKey Creator => _statement.Signer;

    /// <summary>The capability as it travels: a signed statement in MessagePack.</summary>
    public ImmutableArray<byte> Encoded { get; }

    /// <summary>Invites the holder of a key.</summary>
    /// <param name="creator">Who signs: the group's creator.</param>
    /// <param name="group">The group.</param>
    /// <param name="holder">The key that is to act.</param>
    /// <param name="rights">What it may do.</param>
    /// <param name="expiresAt">Until when; it is cut to whole milliseconds.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PastryException">What the signer gave is no signature by its key.</exception>
    public static async ValueTask<GroupCapability> IssueAsync(
        ISigner creator, GroupId group, PublicKey holder, GroupRights rights, DateTimeOffset expiresAt, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(creator);
        ArgumentNullException.ThrowIfNull(holder);
        var claims = new Claims(group, holder.NodeId, rights, Fields.WholeMilliseconds(expiresAt));
        return new GroupCapability(await SignedStatement.SignAsync(creator, Purpose, claims.Encode(), cancellationToken).ConfigureAwait(false), claims);
    }

    /// <summary>Tells whether <see cref="Creator"/> signed this capability; whether that is the group's creator, its certificate says.</summary>
    /// <remarks>Costs one ECDSA verification.</remarks>
    public bool Verify() => _statement.Verify(Purpose);

    /// <summary>Reads a capability from bytes that anybody may have sent. Nothing is verified but the form: call <see cref="Verify"/>.</summary>
    /// <param name="encoded">Exactly the capability.</param>
    /// <param name="capability">The capability, where the bytes are one.</param>
    /// <returns>False when the bytes are anything but a capability within its limits.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> encoded, [NotNullWhen(true)] out GroupCapability? capability)
    {
        try
        {
            var statement = Fields.ReadStatement(new(encoded), MaxEncodedLength);
            capability = new GroupCapability(statement, Claims.Decode(statement.Body));
            return true;
        }
        catch (Exception exception) when (Fields.IsMalformed(exception))
        {
            capability = null;
            return false;
        }
    }

    /// <inheritdoc/>
    public bool Equals(GroupCapability? other) => other is not null && Encoded.AsSpan().SequenceEqual(other.Encoded.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GroupCapability);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Group, Holder, Rights, ExpiresAt);

    /// <summary>Shows who may do what.</summary>
    public override string ToString() => $"{Holder} may {Rights} in {Group} until {ExpiresAt:u}";

    /// <summary>Is the body of the signed statement.</summary>
    private readonly record struct Claims(GroupId Group, NodeId Holder, GroupRights Rights, DateTimeOffset ExpiresAt)
    {
        public byte[] Encode()
        {
            var encoded = new ArrayBufferWriter<byte>(64);
            var writer = new MessagePackWriter(encoded);
            writer.WriteArrayHeader(FieldCount);
            Fields.Write(ref writer, Group);
            Fields.Write(ref writer, Holder);
            writer.Write((int)Rights);
            writer.Write(ExpiresAt.ToUnixTimeMilliseconds());
            writer.Flush();
            return encoded.WrittenSpan.ToArray();
        }

        public static Claims Decode(ImmutableArray<byte> body)
        {
            var reader = new MessagePackReader(body.AsMemory());
            return Fields.ReadAll(
                ref reader,
                FieldCount,
                static (ref MessagePackReader fields) => new Claims(
                    Fields.ReadGroup(ref fields),
                    Fields.ReadNodeId(ref fields),
                    (GroupRights)Fields.ReadInteger(ref fields, 0, int.MaxValue),
                    Fields.ReadTime(ref fields)));
        }
    }
}
