using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Gives the state of a group's rendezvous point to a node next to it, which keeps it in case (SCRIBE §3.4). The batches of the history follow as
/// messages of their own.
/// </summary>
/// <param name="certificate">The group's certificate.</param>
/// <param name="last">The place of the last batch.</param>
/// <param name="epochStart">The number with which the epoch began.</param>
/// <param name="first">The number of the first batch that is still kept.</param>
/// <param name="authors">The last batch that was taken of each author.</param>
internal sealed class RecordUpdate(GroupCertificate certificate, GroupPosition last, ulong epochStart, ulong first, AuthorMark[] authors) : ScribeMessage
{
    public const int AuthorsMax = 1024;

    private const int FieldCount = 10, FieldCountMin = 6;

    public GroupCertificate Certificate { get; } = certificate;

    public GroupPosition Last { get; } = last;

    public ulong EpochStart { get; } = epochStart;

    public ulong First { get; } = first;

    public AuthorMark[] Authors { get; } = authors;

    /// <summary>Of whom a majority decides.</summary>
    public Quorum Quorum { get; init; } = Quorum.None;

    /// <summary>The line that the epoch belongs to.</summary>
    public EpochLine Line { get; init; }

    /// <summary>The last epochs, the present one last; none where the sender does not know of such.</summary>
    public EpochBegin[] Epochs { get; init; } = [];

    /// <summary>The latest life of an author whose last batch is not known any more; 0 for none.</summary>
    public uint ForgottenEpoch { get; init; }

    public override ScribeMessageKind Kind => ScribeMessageKind.RecordUpdate;

    public static RecordUpdate Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCountMin,
        FieldCount,
        static (ref MessagePackReader fields, int count) =>
        {
            var certificate = CertificateField.Read(ref fields);
            Fields.Require(certificate is not null);
            return new RecordUpdate(
                certificate!,
                Fields.ReadPosition(ref fields),
                Fields.ReadNumber(ref fields),
                Fields.ReadNumber(ref fields),
                Fields.ReadList(ref fields, AuthorsMax, AuthorMark.Read))
            {
                Quorum = count < FieldCount ? Quorum.None : Quorum.Read(ref fields),
                Line = count < FieldCount ? default : EpochLine.Read(ref fields),
                Epochs = count < FieldCount ? [] : Fields.ReadList(ref fields, EpochBegin.CountMax, EpochBegin.Read),
                ForgottenEpoch = count < FieldCount ? 0 : fields.ReadUInt32(),
            };
        });

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        CertificateField.Write(ref writer, Certificate);
        writer.Write(Last.Epoch);
        writer.Write(Last.Number);
        writer.Write(EpochStart);
        writer.Write(First);
        writer.WriteArrayHeader(Authors.Length);
        foreach (var author in Authors)
        {
            author.Write(ref writer);
        }

        Quorum.Write(ref writer);
        Line.Write(ref writer);
        writer.WriteArrayHeader(Epochs.Length);
        foreach (var epoch in Epochs)
        {
            epoch.Write(ref writer);
        }

        writer.Write(ForgottenEpoch);
    }
}

/// <summary>Is the last batch of an author that was taken.</summary>
/// <param name="Author">The author.</param>
/// <param name="Last">Which of the author's ordered batches.</param>
/// <param name="Position">The place that it got.</param>
internal readonly record struct AuthorMark(NodeId Author, GroupPosition Last, GroupPosition Position)
{
    private const int FieldCount = 5;

    public static AuthorMark Read(ref MessagePackReader reader) => Fields.ReadArray(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new AuthorMark(
            Fields.ReadNodeId(ref fields), Fields.ReadPosition(ref fields), Fields.ReadPosition(ref fields)));

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Author);
        writer.Write(Last.Epoch);
        writer.Write(Last.Number);
        writer.Write(Position.Epoch);
        writer.Write(Position.Number);
    }
}

/// <summary>Tells the rendezvous point how far the sender's copy of its state goes without a gap, or that the sender follows another epoch.</summary>
internal sealed class RecordReply(GroupId group, GroupPosition last) : ScribeMessage
{
    private const int FieldCount = 6, FieldCountMin = 3;

    public GroupId Group { get; } = group;

    public GroupPosition Last { get; } = last;

    /// <summary>The last set of nodes that decide that the sender knows.</summary>
    public GroupPosition QuorumVersion { get; init; }

    /// <summary>The line of epochs that the sender follows.</summary>
    public EpochLine Line { get; init; }

    public override ScribeMessageKind Kind => ScribeMessageKind.RecordReply;

    public static RecordReply Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCountMin,
        FieldCount,
        static (ref MessagePackReader fields, int count) => new RecordReply(Fields.ReadGroup(ref fields), Fields.ReadPosition(ref fields))
        {
            QuorumVersion = count < FieldCount ? default : Fields.ReadPosition(ref fields),
            Line = count < FieldCount ? default : EpochLine.Read(ref fields),
        });

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(Last.Epoch);
        writer.Write(Last.Number);
        writer.Write(QuorumVersion.Epoch);
        writer.Write(QuorumVersion.Number);
        Line.Write(ref writer);
    }
}

/// <summary>Asks for the state of a group's rendezvous point, and for the batches from a number on.</summary>
internal sealed class RecordRequest(GroupId group, ulong from) : ScribeMessage
{
    private const int FieldCount = 2;

    public GroupId Group { get; } = group;

    public ulong From { get; } = from;

    public override ScribeMessageKind Kind => ScribeMessageKind.RecordRequest;

    public static RecordRequest Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, FieldCount, static (ref MessagePackReader fields) => new RecordRequest(Fields.ReadGroup(ref fields), Fields.ReadNumber(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(From);
    }
}
