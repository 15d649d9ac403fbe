using MessagePack;

namespace P2P.Past.Wire;

/// <summary>Is a file that a holder offers: its id, and of how many replicas it should have.</summary>
internal readonly record struct OfferedReplica(FileId FileId, int ReplicaCount);

/// <summary>Names files that the sender holds and the receiver should.</summary>
internal sealed class ReplicaOffer(OfferedReplica[] replicas) : PastMessage
{
    private const int Fields = 1;

    public OfferedReplica[] Replicas { get; } = replicas;

    protected override PastMessageKind Kind => PastMessageKind.ReplicaOffer;

    public static ReplicaOffer Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var entries = PastFormat.ReadCount(ref reader, PastFormat.OffersMax * 2);
        if (entries % 2 != 0)
        {
            throw new MessagePackSerializationException("An offer lists pairs of a file and its number of replicas.");
        }

        var replicas = new OfferedReplica[entries / 2];
        for (var i = 0; i < replicas.Length; i++)
        {
            replicas[i] = new OfferedReplica(StatementFields.ReadFileId(ref reader), reader.ReadByte());
        }

        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return new ReplicaOffer(replicas);
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        writer.WriteArrayHeader(Replicas.Length * 2);
        foreach (var replica in Replicas)
        {
            StatementFields.Write(ref writer, replica.FileId);
            writer.Write((byte)replica.ReplicaCount);
        }
    }
}

/// <summary>Tells which of the offered files the sender holds already, and which it wants.</summary>
internal sealed class ReplicaOfferReply(FileId[] held, FileId[] wanted) : PastMessage
{
    private const int Fields = 2;

    public FileId[] Held { get; } = held;

    public FileId[] Wanted { get; } = wanted;

    protected override PastMessageKind Kind => PastMessageKind.ReplicaOfferReply;

    public static ReplicaOfferReply Read(ref MessagePackReader reader)
    {
        var fields = StatementFields.ReadFieldCount(ref reader, Fields);
        var message = new ReplicaOfferReply(PastFormat.ReadFiles(ref reader), PastFormat.ReadFiles(ref reader));
        StatementFields.SkipUnknownFields(ref reader, fields - Fields);
        return message;
    }

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Fields);
        PastFormat.WriteFiles(ref writer, Held);
        PastFormat.WriteFiles(ref writer, Wanted);
    }
}
