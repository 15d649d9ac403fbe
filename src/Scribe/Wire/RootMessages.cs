using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>Looks for the rendezvous point of a group: routed to the group's id, and answered to its origin.</summary>
internal sealed class RootSearch(GroupId group) : ScribeMessage
{
    public GroupId Group { get; } = group;

    public override ScribeMessageKind Kind => ScribeMessageKind.RootSearch;

    public static RootSearch Read(ref MessagePackReader reader) =>
        Fields.ReadAll(ref reader, 1, static (ref MessagePackReader fields) => new RootSearch(Fields.ReadGroup(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(1);
        Fields.Write(ref writer, Group);
    }
}

/// <summary>Says that the sender is the rendezvous point of a group's id, and whether there is such a group.</summary>
internal sealed class RootFound(GroupId group, bool exists) : ScribeMessage
{
    private const int FieldCount = 2;

    public GroupId Group { get; } = group;

    public bool Exists { get; } = exists;

    public override ScribeMessageKind Kind => ScribeMessageKind.RootFound;

    public static RootFound Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, FieldCount, static (ref MessagePackReader fields) => new RootFound(Fields.ReadGroup(ref fields), fields.ReadBoolean()));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(Exists);
    }
}

/// <summary>Asks the rendezvous point to begin a group.</summary>
internal sealed class CreateRequest(ulong operation, GroupCertificate certificate) : ScribeMessage
{
    private const int FieldCount = 2;

    public ulong Operation { get; } = operation;

    public GroupCertificate Certificate { get; } = certificate;

    public override ScribeMessageKind Kind => ScribeMessageKind.CreateRequest;

    public static CreateRequest Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) =>
        {
            var operation = fields.ReadUInt64();
            var certificate = CertificateField.Read(ref fields);
            Fields.Require(certificate is not null);
            return new CreateRequest(operation, certificate!);
        });

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Operation);
        CertificateField.Write(ref writer, Certificate);
    }
}

/// <summary>Answers a <see cref="CreateRequest"/>.</summary>
internal sealed class CreateReply(ulong operation, CreateOutcome outcome) : ScribeMessage
{
    private const int FieldCount = 2;

    public ulong Operation { get; } = operation;

    public CreateOutcome Outcome { get; } = outcome;

    public override ScribeMessageKind Kind => ScribeMessageKind.CreateReply;

    public static CreateReply Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new CreateReply(fields.ReadUInt64(), Fields.ReadEnum(ref fields, CreateOutcome.NotRoot)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Operation);
        writer.Write((int)Outcome);
    }
}

/// <summary>Says what became of a request to create. The numbers are on the wire.</summary>
internal enum CreateOutcome
{
    /// <summary>There is the group now, and neighbours of the rendezvous point know of it.</summary>
    Created = 0,

    /// <summary>There was the group already, and it stays as it is.</summary>
    Exists = 1,

    /// <summary>The certificate is not good, or the node takes no more groups.</summary>
    Refused = 2,

    /// <summary>The receiver is not the rendezvous point of this id: it has to be looked for.</summary>
    NotRoot = 3,
}

/// <summary>Answers publications: the author's batches of a kind up to a number have been taken, or one has been refused.</summary>
/// <param name="group">The group.</param>
/// <param name="isOrdered">Of which kind the batches are.</param>
/// <param name="author">The author.</param>
/// <param name="authorPosition">The last of the author's batches that this is about.</param>
/// <param name="outcome">What became of it.</param>
/// <param name="position">Its place in the group's order, where it is known.</param>
internal sealed class PublicationReply(
    GroupId group, bool isOrdered, NodeId author, GroupPosition authorPosition, PublicationOutcome outcome, GroupPosition position) : ScribeMessage
{
    private const int FieldCount = 8;

    public GroupId Group { get; } = group;

    public bool IsOrdered { get; } = isOrdered;

    public NodeId Author { get; } = author;

    public GroupPosition AuthorPosition { get; } = authorPosition;

    public PublicationOutcome Outcome { get; } = outcome;

    public GroupPosition Position { get; } = position;

    public override ScribeMessageKind Kind => ScribeMessageKind.PublicationReply;

    public static PublicationReply Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new PublicationReply(
            Fields.ReadGroup(ref fields),
            fields.ReadBoolean(),
            Fields.ReadNodeId(ref fields),
            Fields.ReadPosition(ref fields),
            Fields.ReadEnum(ref fields, PublicationOutcome.Forgotten),
            Fields.ReadPosition(ref fields)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(IsOrdered);
        Fields.Write(ref writer, Author);
        writer.Write(AuthorPosition.Epoch);
        writer.Write(AuthorPosition.Number);
        writer.Write((int)Outcome);
        writer.Write(Position.Epoch);
        writer.Write(Position.Number);
    }
}

/// <summary>Says what became of a publication. The numbers are on the wire.</summary>
internal enum PublicationOutcome
{
    /// <summary>It has its place, and the neighbours of the rendezvous point that live have it.</summary>
    Taken = 0,

    /// <summary>The author may not publish here.</summary>
    Denied = 1,

    /// <summary>The author has published more than the group allows.</summary>
    TooMany = 2,

    /// <summary>There is no such group.</summary>
    NotFound = 3,

    /// <summary>The receiver is not the rendezvous point: it has to be looked for.</summary>
    NotRoot = 4,

    /// <summary>A batch before this one is missing: the last one that was taken is named, and those after it are to be sent again.</summary>
    OutOfTurn = 5,

    /// <summary>It is not known any more how far this life of the author had come: it is to begin another, behind the epoch of the place that is named.</summary>
    Forgotten = 6,
}

/// <summary>
/// Asks whether the sender may be the rendezvous point of a group, and for what is known of the group; then for a vote for the epoch that is to begin. Who votes takes nothing
/// of an earlier epoch any more, and nothing from another for a while.
/// </summary>
internal sealed class RootClaim(GroupId group, uint nonce, uint epoch) : ScribeMessage
{
    private const int FieldCount = 3, FieldCountMin = 2;

    public GroupId Group { get; } = group;

    public uint Nonce { get; } = nonce;

    /// <summary>The epoch; 0 where it is no vote that is asked for yet.</summary>
    public uint Epoch { get; } = epoch;

    public override ScribeMessageKind Kind => ScribeMessageKind.RootClaim;

    public static RootClaim Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCountMin,
        FieldCount,
        static (ref MessagePackReader fields, int count) =>
            new RootClaim(Fields.ReadGroup(ref fields), fields.ReadUInt32(), count < FieldCount ? 0 : fields.ReadUInt32()));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(Nonce);
        writer.Write(Epoch);
    }
}

/// <summary>Answers a <see cref="RootClaim"/>.</summary>
/// <param name="group">The group.</param>
/// <param name="nonce">The claim's.</param>
/// <param name="isGranted">Whether the sender would have it so; it does not while it hears from a rendezvous point that is closer to the group's id.</param>
/// <param name="certificate">The group's certificate; null where the sender knows nothing of the group.</param>
/// <param name="last">How much the sender has: the last epoch of which it has all that was before, and the number of its last batch.</param>
internal sealed class RootPromise(GroupId group, uint nonce, bool isGranted, GroupCertificate? certificate, GroupPosition last) : ScribeMessage
{
    private const int FieldCount = 9, FieldCountMin = 6;

    public GroupId Group { get; } = group;

    public uint Nonce { get; } = nonce;

    public bool IsGranted { get; } = isGranted;

    public GroupCertificate? Certificate { get; } = certificate;

    public GroupPosition Last { get; } = last;

    /// <summary>
    /// The latest epoch that the sender knows of, but for the one that is claimed: if that is not later, this is no vote for it. 0 where it is not granted since the sender does not know
    /// the claimer.
    /// </summary>
    public uint Epoch { get; init; } = last.Epoch;

    /// <summary>Of whom a majority decides.</summary>
    public Quorum Quorum { get; init; } = Quorum.None;

    /// <summary>The line of epochs that the sender follows.</summary>
    public EpochLine Line { get; init; }

    public override ScribeMessageKind Kind => ScribeMessageKind.RootPromise;

    public static RootPromise Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader,
        FieldCountMin,
        FieldCount,
        static (ref MessagePackReader fields, int count) =>
        {
            var promise = new RootPromise(
                Fields.ReadGroup(ref fields), fields.ReadUInt32(), fields.ReadBoolean(), CertificateField.Read(ref fields), Fields.ReadPosition(ref fields));
            return count < FieldCount
                ? promise
                : new RootPromise(promise.Group, promise.Nonce, promise.IsGranted, promise.Certificate, promise.Last)
                {
                    Epoch = fields.ReadUInt32(),
                    Quorum = Quorum.Read(ref fields),
                    Line = EpochLine.Read(ref fields),
                };
        });

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        Fields.Write(ref writer, Group);
        writer.Write(Nonce);
        writer.Write(IsGranted);
        CertificateField.Write(ref writer, Certificate);
        writer.Write(Last.Epoch);
        writer.Write(Last.Number);
        writer.Write(Epoch);
        Quorum.Write(ref writer);
        Line.Write(ref writer);
    }
}
