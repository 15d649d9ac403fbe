using System.Buffers;
using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>
/// Is what PAST's nodes say to each other: one byte for the kind, then a MessagePack array of fields that only ever grows at its end.
/// </summary>
internal abstract class PastMessage : PayloadContent
{
    protected abstract PastMessageKind Kind { get; }

    public sealed override void WriteTo(IBufferWriter<byte> writer)
    {
        writer.GetSpan(1)[0] = (byte)Kind;
        writer.Advance(1);
        var pack = new MessagePackWriter(writer);
        WriteFields(ref pack);
        pack.Flush();
    }

    protected abstract void WriteFields(ref MessagePackWriter writer);
}

/// <summary>Names the acts of the protocol. The numbers are on the wire: they are never changed or used again.</summary>
internal enum PastMessageKind : byte
{
    InsertRequest = 1,
    InsertAccepted = 2,
    StoreRequest = 3,
    StoreReply = 4,
    StoreProgress = 5,
    LookupRequest = 6,
    LookupFound = 7,
    LookupAbsent = 8,
    LookupReferral = 9,
    ReplicaOffer = 10,
    ReplicaOfferReply = 11,
}
