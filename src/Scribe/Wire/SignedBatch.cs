using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Is what an author has signed together: one or more messages for one group. It is passed on as it is, byte by byte; who gets it checks the
/// signature before passing it on.
/// </summary>
/// <remarks>Immutable, but for what is remembered of the check: in a simulation the same object reaches every member, and is checked once.</remarks>
internal sealed class SignedBatch
{
    /// <summary>What the author's signature is good for.</summary>
    public const string Purpose = "p2p.scribe.batch.1";

    /// <summary>The most bytes that a batch takes, so that it fits a message with whatever stands before it.</summary>
    public const int MaxLength = Payload.LengthMax - 1024;

    /// <summary>The most bytes of a message's content: what fits a batch of its own with a capability.</summary>
    public const int ContentLengthMax = 60 * 1024;

    /// <summary>The most messages of a batch.</summary>
    public const int MaxCount = 1024;

    public const int LengthBytes = sizeof(ushort);

    private const int HeadLength = GroupId.ByteLength + NodeId.ByteLength + 1 + sizeof(uint) + sizeof(ulong) + sizeof(ushort);
    private const int ItemHeadLength = 1 + sizeof(ulong) + sizeof(ushort);

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _signedLength;
    private byte[]? _lent;
    private bool? _isRight;

    private SignedBatch(ReadOnlyMemory<byte> bytes, int signedLength, PublicKey author, GroupCapability? capability)
    {
        _bytes = bytes;
        _signedLength = signedLength;
        Author = author;
        Capability = capability;
        var head = Signed.Span;
        Group = GroupId.FromBytes(head[..GroupId.ByteLength]);
        var rest = head[(GroupId.ByteLength + NodeId.ByteLength)..];
        IsOrdered = rest[0] == 0;
        AuthorPosition = new GroupPosition(BinaryPrimitives.ReadUInt32BigEndian(rest[1..]), BinaryPrimitives.ReadUInt64BigEndian(rest[5..]));
        Count = BinaryPrimitives.ReadUInt16BigEndian(rest[13..]);
    }

    /// <summary>The group.</summary>
    public GroupId Group { get; }

    /// <summary>The key that has signed, if it has.</summary>
    public PublicKey Author { get; }

    /// <summary>What allows the author to publish, where not everyone may.</summary>
    public GroupCapability? Capability { get; }

    /// <summary>Whether the messages are ordered ones; else they are sequenced or best effort.</summary>
    public bool IsOrdered { get; }

    /// <summary>Which of the author's batches this is, of its kind: the epoch is the author's life.</summary>
    public GroupPosition AuthorPosition { get; }

    /// <summary>How many messages there are; one or more.</summary>
    public int Count { get; }

    /// <summary>Whether it is a request to any one member of the group, and no message to all.</summary>
    public bool IsAnycast => FirstClass == SystemClass.Anycast;

    /// <summary>Whether its author says that it is in the group, or leaves it, and nothing else.</summary>
    public bool IsPresence => FirstClass == SystemClass.Presence;

    /// <summary>Whether a presence's author is in the group; else it leaves.</summary>
    public bool IsPresent => Operation == 0;

    /// <summary>The number by which the client of an anycast knows it.</summary>
    public ulong Operation => ReadItemHead(Signed.Span[HeadLength..]).Key;

    /// <summary>All bytes, as they travel.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Whether the signature was verified before, and right.</summary>
    public bool IsKnownRight => _isRight == true;

    /// <summary>Where in <see cref="Bytes"/> the last signed byte stands.</summary>
    public int LastContentIndex => LengthBytes + _signedLength - 1;

    /// <summary>What the first message says; a part of the batch's own bytes.</summary>
    public ReadOnlyMemory<byte> FirstContent => Signed.Slice(HeadLength + ItemHeadLength, ReadItemHead(Signed.Span[HeadLength..]).Length);

    private DeliveryClass FirstClass => ReadItemHead(Signed.Span[HeadLength..]).Class;

    private ReadOnlyMemory<byte> Signed => _bytes.Slice(LengthBytes, _signedLength);

    /// <summary>Puts messages together and has them signed.</summary>
    /// <param name="group">The group.</param>
    /// <param name="author">The author's key.</param>
    /// <param name="isOrdered">Whether they are ordered ones.</param>
    /// <param name="position">Which of the author's batches this is.</param>
    /// <param name="items">The messages, which fit (<see cref="LengthOf"/>).</param>
    /// <param name="capability">What allows the author to publish, where that is needed.</param>
    /// <param name="sign">Signs a body for a purpose.</param>
    public static async ValueTask<SignedBatch> CreateAsync(
        GroupId group,
        PublicKey author,
        bool isOrdered,
        GroupPosition position,
        IReadOnlyList<BatchItem> items,
        GroupCapability? capability,
        Func<string, ReadOnlyMemory<byte>, ValueTask<SignedStatement>> sign)
    {
        var signedLength = HeadLength + items.Sum(LengthOf);
        var bytes = new byte[LengthBytes + signedLength + PublicKey.EncodedLength + SigningKey.SignatureLength + sizeof(ushort) + (capability?.Encoded.Length ?? 0)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, checked((ushort)signedLength));
        WriteSigned(bytes.AsSpan(LengthBytes, signedLength), group, author, isOrdered, position, items);
        var statement = await sign(Purpose, bytes.AsMemory(LengthBytes, signedLength)).ConfigureAwait(false);
        WriteTrailer(bytes.AsSpan(LengthBytes + signedLength), author, statement, capability);
        return new SignedBatch(bytes, signedLength, author, capability) { _isRight = true };
    }

    /// <summary>How many bytes of a batch a message takes.</summary>
    public static int LengthOf(BatchItem item) => ItemHeadLength + item.Content.Length;

    /// <summary>The most bytes of messages that fit a batch.</summary>
    public static int RoomFor(GroupCapability? capability) =>
        MaxLength - LengthBytes - HeadLength - PublicKey.EncodedLength - SigningKey.SignatureLength - sizeof(ushort) - (capability?.Encoded.Length ?? 0);

    /// <summary>Reads a batch that fills the bytes exactly, from anybody; nothing is verified but the form.</summary>
    /// <param name="bytes">The bytes, which are the batch's own from now on.</param>
    /// <param name="batch">The batch, where it is one.</param>
    /// <returns>False where the bytes are anything else.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, [NotNullWhen(true)] out SignedBatch? batch)
    {
        batch = null;
        var span = bytes.Span;
        if (span.Length is < LengthBytes or > MaxLength)
        {
            return false;
        }

        var signedLength = BinaryPrimitives.ReadUInt16BigEndian(span);
        var rest = span[LengthBytes..];
        if (signedLength < HeadLength || rest.Length < signedLength + PublicKey.EncodedLength + SigningKey.SignatureLength + sizeof(ushort))
        {
            return false;
        }

        var signed = rest[..signedLength];
        var trailer = rest[signedLength..];
        if (!PublicKey.TryFromEncoded(trailer[..PublicKey.EncodedLength], out var author)
            || author.NodeId != NodeId.FromBytes(signed.Slice(GroupId.ByteLength, NodeId.ByteLength))
            || !TryReadCapability(bytes[(LengthBytes + signedLength + PublicKey.EncodedLength + SigningKey.SignatureLength)..], out var capability))
        {
            return false;
        }

        var read = new SignedBatch(bytes, signedLength, author, capability);
        if (!read.AreItemsWhole())
        {
            return false;
        }

        batch = read;
        return true;
    }

    /// <summary>Reads a batch from a copy of the bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isLent">Whether the copy is only lent, until <see cref="GiveBack"/>.</param>
    /// <param name="batch">The batch, where it is one.</param>
    public static bool TryCopy(ReadOnlySpan<byte> bytes, bool isLent, [NotNullWhen(true)] out SignedBatch? batch)
    {
        if (!isLent)
        {
            return TryRead(bytes.ToArray(), out batch);
        }

        var lent = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(lent);
        if (!TryRead(lent.AsMemory(0, bytes.Length), out batch))
        {
            ArrayPool<byte>.Shared.Return(lent);
            return false;
        }

        batch._lent = lent;
        return true;
    }

    /// <summary>Gives bytes back that were lent. Nobody reads them from then on; who forgets it costs only memory that is collected.</summary>
    public void GiveBack()
    {
        if (_lent is { } lent)
        {
            _lent = null;
            ArrayPool<byte>.Shared.Return(lent);
        }
    }

    /// <summary>Tells whether the author has signed the batch. Safe for concurrent use; the answer is remembered.</summary>
    public bool Verify()
    {
        _isRight ??= SignedStatement.Verify(Author, Purpose, Signed.Span, _bytes.Span.Slice(LengthBytes + _signedLength + PublicKey.EncodedLength, SigningKey.SignatureLength));
        return _isRight.Value;
    }

    /// <summary>Takes the signature for right: somebody who can be believed has verified these bytes.</summary>
    public void TakeForRight() => _isRight = true;

    /// <summary>Lists the messages. Their content is a part of the batch's own bytes.</summary>
    public ItemEnumerator Items() => new(this);

    private static void WriteSigned(Span<byte> signed, GroupId group, PublicKey author, bool isOrdered, GroupPosition position, IReadOnlyList<BatchItem> items)
    {
        group.WriteBytes(signed);
        author.NodeId.WriteBytes(signed[GroupId.ByteLength..]);
        var rest = signed[(GroupId.ByteLength + NodeId.ByteLength)..];
        rest[0] = isOrdered ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt32BigEndian(rest[1..], position.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(rest[5..], position.Number);
        BinaryPrimitives.WriteUInt16BigEndian(rest[13..], checked((ushort)items.Count));
        rest = signed[HeadLength..];
        foreach (var item in items)
        {
            rest[0] = (byte)item.Class;
            BinaryPrimitives.WriteUInt64BigEndian(rest[1..], item.Key);
            BinaryPrimitives.WriteUInt16BigEndian(rest[9..], checked((ushort)item.Content.Length));
            item.Content.Span.CopyTo(rest[ItemHeadLength..]);
            rest = rest[(ItemHeadLength + item.Content.Length)..];
        }
    }

    private static void WriteTrailer(Span<byte> trailer, PublicKey author, SignedStatement statement, GroupCapability? capability)
    {
        author.Encoded.AsSpan().CopyTo(trailer);
        statement.Signature.AsSpan().CopyTo(trailer[PublicKey.EncodedLength..]);
        var rest = trailer[(PublicKey.EncodedLength + SigningKey.SignatureLength)..];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)(capability?.Encoded.Length ?? 0));
        capability?.Encoded.AsSpan().CopyTo(rest[sizeof(ushort)..]);
    }

    private static bool TryReadCapability(ReadOnlyMemory<byte> bytes, out GroupCapability? capability)
    {
        capability = null;
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes.Span);
        return bytes.Length == sizeof(ushort) + length && (length == 0 || GroupCapability.TryRead(bytes[sizeof(ushort)..], out capability));
    }

    /// <summary>Goes through the messages without allocating.</summary>
    public struct ItemEnumerator(SignedBatch batch)
    {
        private ReadOnlyMemory<byte> _rest = batch.Signed[HeadLength..];
        private int _left = batch.Count;

        public BatchItem Current { get; private set; }

        public readonly ItemEnumerator GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_left-- == 0)
            {
                return false;
            }

            var (deliveryClass, key, length) = ReadItemHead(_rest.Span);
            Current = new BatchItem(deliveryClass, key, _rest.Slice(ItemHeadLength, length));
            _rest = _rest[(ItemHeadLength + length)..];
            return true;
        }
    }

    private static (DeliveryClass Class, ulong Key, int Length) ReadItemHead(ReadOnlySpan<byte> item) =>
        ((DeliveryClass)item[0], BinaryPrimitives.ReadUInt64BigEndian(item[1..]), BinaryPrimitives.ReadUInt16BigEndian(item[9..]));

    private bool AreItemsWhole()
    {
        var rest = Signed.Span[HeadLength..];
        if (Count is 0 or > MaxCount || AuthorPosition.Number > Fields.NumberMax)
        {
            return false;
        }

        for (var i = 0; i < Count; i++)
        {
            if (rest.Length < ItemHeadLength)
            {
                return false;
            }

            var (deliveryClass, _, length) = ReadItemHead(rest);
            if (deliveryClass > SystemClass.Last || (deliveryClass > DeliveryClass.BestEffort && Count > 1)
                || (deliveryClass == DeliveryClass.Ordered) != IsOrdered || length > rest.Length - ItemHeadLength)
            {
                return false;
            }

            rest = rest[(ItemHeadLength + length)..];
        }

        return rest.IsEmpty;
    }
}

/// <summary>Is one message of a batch.</summary>
/// <param name="Class">What it is worth.</param>
/// <param name="Key">Which of the author's values it is, where it is sequenced.</param>
/// <param name="Content">What it says.</param>
internal readonly record struct BatchItem(DeliveryClass Class, ulong Key, ReadOnlyMemory<byte> Content);

/// <summary>Names what is signed as messages are, and is none of a user's. The numbers are on the wire.</summary>
internal static class SystemClass
{
    /// <summary>A request to any one member.</summary>
    public const DeliveryClass Anycast = (DeliveryClass)3;

    /// <summary>The author is in the group where the key is 0, and leaves it where that is 1.</summary>
    public const DeliveryClass Presence = (DeliveryClass)4;

    public const DeliveryClass Last = Presence;
}
