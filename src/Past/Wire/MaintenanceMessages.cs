using MessagePack;

namespace P2P.Past.Wire;

/// <summary>Names files that the sender holds and the receiver should.</summary>
internal sealed class ReplicaOffer(StoredReplica[] replicas) : PastMessage
{
    private const int Fields = 1;

    public StoredReplica[] Replicas { get; } = replicas;

    public override PastMessageKind Kind => PastMessageKind.ReplicaOffer;

    protected override int FieldCount => Fields;

    public static ReplicaOffer Read(ref MessagePackReader reader) =>
        StatementFields.ReadFields(ref reader, Fields, static (ref MessagePackReader fields) => new ReplicaOffer(ReadReplicas(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(Replicas.Length * 2);
        foreach (var replica in Replicas)
        {
            StatementFields.Write(ref writer, replica.FileId);
            writer.Write((byte)replica.ReplicaCount);
        }
    }

    private static StoredReplica[] ReadReplicas(ref MessagePackReader reader)
    {
        var entries = PastFormat.ReadCount(ref reader, PastFormat.OffersMax * 2);
        if (entries % 2 != 0)
        {
            throw new MessagePackSerializationException("An offer lists pairs of a file and its number of replicas.");
        }

        var replicas = new StoredReplica[entries / 2];
        for (var i = 0; i < replicas.Length; i++)
        {
            replicas[i] = new StoredReplica(
                StatementFields.ReadFileId(ref reader), (int)StatementFields.ReadInteger(ref reader, 1, FileCertificate.ReplicaCountMax));
        }

        return replicas;
    }
}

/// <summary>Tells which of the offered files the sender answers for already, which it wants, and for which of the first another node holds its replica.</summary>
internal sealed class ReplicaOfferReply(FileId[] held, FileId[] wanted, FileId[] diverted) : PastMessage
{
    private const int Fields = 3;

    public FileId[] Held { get; } = held;

    public FileId[] Wanted { get; } = wanted;

    /// <summary>Files whose replicas the sender has diverted: it can neither give nor offer them to others.</summary>
    public FileId[] Diverted { get; } = diverted;

    public override PastMessageKind Kind => PastMessageKind.ReplicaOfferReply;

    protected override int FieldCount => Fields;

    public static ReplicaOfferReply Read(ref MessagePackReader reader) => StatementFields.ReadFields(
        ref reader,
        Fields,
        static (ref MessagePackReader fields) => new ReplicaOfferReply(PastFormat.ReadFiles(ref fields), PastFormat.ReadFiles(ref fields), PastFormat.ReadFiles(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        PastFormat.WriteFiles(ref writer, Held);
        PastFormat.WriteFiles(ref writer, Wanted);
        PastFormat.WriteFiles(ref writer, Diverted);
    }
}
