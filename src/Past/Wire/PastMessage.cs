using System.Buffers;
using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>
/// Is what PAST's nodes say to each other: a byte for the version and one for the kind, then a MessagePack array of fields that only ever grows
/// at its end.
/// </summary>
internal abstract class PastMessage : PayloadContent
{
    public const byte Version = 1;

    public abstract PastMessageKind Kind { get; }

    protected abstract int FieldCount { get; }

    public sealed override void WriteTo(IBufferWriter<byte> writer)
    {
        var head = writer.GetSpan(2);
        head[0] = Version;
        head[1] = (byte)Kind;
        writer.Advance(2);
        var pack = new MessagePackWriter(writer);
        pack.WriteArrayHeader(FieldCount);
        WriteFields(ref pack);
        pack.Flush();
    }

    protected abstract void WriteFields(ref MessagePackWriter writer);
}

/// <summary>Names the acts of the protocol. The numbers are on the wire: they are never changed or used again.</summary>
internal enum PastMessageKind : byte
{
    InsertSearch = 1,
    InsertRequest = 2,
    InsertAccepted = 3,
    StoreRequest = 4,
    StoreReply = 5,
    StoreProgress = 6,
    LookupSearch = 7,
    LookupRequest = 8,
    LookupFound = 9,
    LookupAbsent = 10,
    Invitation = 11,
    ReplicaOffer = 12,
    ReplicaOfferReply = 13,
    ReclaimRequest = 14,
    ReclaimReply = 15,
    BrokerSearch = 16,
    BrokerRequest = 17,
    BrokerReply = 18,
    CacheHint = 20,
    CopyRequest = 21,
    StorageNotice = 22,
    DivertRequest = 23,
    DiversionNotice = 24,
    RoomSearch = 25,
    RoomOffer = 26,
    ReplicaSummary = 30,
}
