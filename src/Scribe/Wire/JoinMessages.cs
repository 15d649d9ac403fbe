using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>Asks to become a child of the receiver, in as many groups as it lists (SCRIBE §3.2). The sender is the child.</summary>
internal sealed class JoinRequest(JoinRequest.Entry[] entries) : ScribeMessage
{
    public const int EntriesMax = 64;

    private const int EntryFieldsMin = 4, EntryFields = 5;

    public Entry[] Entries { get; } = entries;

    public override ScribeMessageKind Kind => ScribeMessageKind.JoinRequest;

    public static JoinRequest Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, 1, static (ref MessagePackReader fields) => new JoinRequest(Fields.ReadList(ref fields, EntriesMax, Entry.Read)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(1);
        writer.WriteArrayHeader(Entries.Length);
        foreach (var entry in Entries)
        {
            entry.Write(ref writer);
        }
    }

    /// <summary>Is one group of a request.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Nonce">What the answer repeats; not 0.</param>
    /// <param name="HasCertificate">Whether the child has the group's certificate already.</param>
    /// <param name="Capability">What allows the child, or the member that it goes on for, to join; null where it has none.</param>
    /// <param name="HistoryAge">How old batches may be that were published before and are wanted, in whole milliseconds; zero where none are.</param>
    public readonly record struct Entry(GroupId Group, uint Nonce, bool HasCertificate, GroupCapability? Capability, TimeSpan HistoryAge)
    {
        public static Entry Read(ref MessagePackReader reader) => Fields.ReadArray(
            ref reader,
            EntryFieldsMin,
            EntryFields,
            static (ref MessagePackReader fields, int count) => new Entry(
                Fields.ReadGroup(ref fields), fields.ReadUInt32(), fields.ReadBoolean(), ReadCapability(ref fields), count > EntryFieldsMin ? ReadAge(ref fields) : default));

        public void Write(ref MessagePackWriter writer)
        {
            writer.WriteArrayHeader(EntryFields);
            Fields.Write(ref writer, Group);
            writer.Write(Nonce);
            writer.Write(HasCertificate);
            if (Capability is null)
            {
                writer.WriteNil();
            }
            else
            {
                writer.Write(Capability.Encoded.AsSpan());
            }

            writer.Write((long)HistoryAge.TotalMilliseconds);
        }

        private static TimeSpan ReadAge(ref MessagePackReader reader) =>
            TimeSpan.FromMilliseconds(Fields.ReadInteger(ref reader, 0, (int)GroupPolicy.HistoryDurationLimit.TotalMilliseconds));

        private static GroupCapability? ReadCapability(ref MessagePackReader reader)
        {
            if (reader.TryReadNil())
            {
                return null;
            }

            Fields.Require(GroupCapability.TryRead(Fields.ReadBytes(ref reader, 1, GroupCapability.EncodedLengthMax), out var capability));
            return capability;
        }
    }
}

/// <summary>Answers a <see cref="JoinRequest"/>, or tells children, with a nonce of 0, that where they hang has changed. The sender is the parent.</summary>
internal sealed class JoinReply(JoinReply.Entry[] entries) : ScribeMessage
{
    public const int EntriesMax = JoinRequest.EntriesMax;

    /// <summary>The most bytes of entries that one message carries.</summary>
    public const int BytesMax = 48 * 1024;

    /// <summary>The most nodes that are named where the sender has no room for another child.</summary>
    public const int OthersMax = 8;

    /// <summary>The longest path to the rendezvous point: no tree that anybody needs is deeper.</summary>
    public const int PathMax = 64;

    private const int EntryFieldsMin = 7, EntryFields = 8;

    public Entry[] Entries { get; } = entries;

    public override ScribeMessageKind Kind => ScribeMessageKind.JoinReply;

    public static JoinReply Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, 1, static (ref MessagePackReader fields) => new JoinReply(Fields.ReadList(ref fields, EntriesMax, Entry.Read)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(1);
        writer.WriteArrayHeader(Entries.Length);
        foreach (var entry in Entries)
        {
            entry.Write(ref writer);
        }
    }

    /// <summary>Is one group of an answer.</summary>
    /// <param name="Group">The group.</param>
    /// <param name="Nonce">The request's, or 0.</param>
    /// <param name="Outcome">What became of it.</param>
    /// <param name="Certificate">The group's certificate, where the child is grafted and has none.</param>
    /// <param name="Path">Who is above the sender, nearest first, shortened to 64 bits each; empty where that is the rendezvous point.</param>
    /// <param name="Streams">How far the group's ordered streams have come: what comes after that, the child gets.</param>
    /// <param name="Others">Children of the sender that may have room, where it has none.</param>
    public sealed record Entry(
        GroupId Group, uint Nonce, JoinOutcome Outcome, GroupCertificate? Certificate, ulong[] Path, StreamDigest[] Streams, NodeHandle[] Others)
    {
        /// <summary>For each of the streams, the number of the first batch that is as young as the child wants, or one before; empty where it wants none.</summary>
        public ulong[] Since { get; init; } = [];

        /// <summary>Says no.</summary>
        public static Entry Of(GroupId group, uint nonce, JoinOutcome outcome) => new(group, nonce, outcome, Certificate: null, [], [], []);

        /// <summary>How many bytes the entry takes at most.</summary>
        public int LengthMax => 64 + (Certificate?.Encoded.Length ?? 0) + 9 * Path.Length + 48 * Streams.Length + 9 * Since.Length + 512 * Others.Length;

        public static Entry Read(ref MessagePackReader reader) => Fields.ReadArray(
            ref reader,
            EntryFieldsMin,
            EntryFields,
            static (ref MessagePackReader fields, int count) => new Entry(
                Fields.ReadGroup(ref fields),
                fields.ReadUInt32(),
                Fields.ReadEnum(ref fields, JoinOutcome.Denied),
                CertificateField.Read(ref fields),
                Fields.ReadList(ref fields, PathMax, static (ref MessagePackReader path) => path.ReadUInt64()),
                Fields.ReadList(ref fields, StreamDigest.CountMax, StreamDigest.Read),
                Fields.ReadList(ref fields, OthersMax, Fields.ReadNode))
            {
                Since = count > EntryFieldsMin ? Fields.ReadList(ref fields, StreamDigest.CountMax, Fields.ReadNumber) : [],
            });

        public void Write(ref MessagePackWriter writer)
        {
            writer.WriteArrayHeader(EntryFields);
            Fields.Write(ref writer, Group);
            writer.Write(Nonce);
            writer.Write((int)Outcome);
            CertificateField.Write(ref writer, Certificate);
            writer.WriteArrayHeader(Path.Length);
            foreach (var node in Path)
            {
                writer.Write(node);
            }

            writer.WriteArrayHeader(Streams.Length);
            foreach (var stream in Streams)
            {
                stream.Write(ref writer);
            }

            writer.WriteArrayHeader(Others.Length);
            foreach (var node in Others)
            {
                Fields.Write(ref writer, node);
            }

            writer.WriteArrayHeader(Since.Length);
            foreach (var first in Since)
            {
                writer.Write(first);
            }
        }
    }
}

/// <summary>Says what became of a request to join. The numbers are on the wire.</summary>
internal enum JoinOutcome
{
    /// <summary>The child is in the tree: what is multicast from now on reaches it.</summary>
    Grafted = 0,

    /// <summary>The sender looks for its own place, and tells when it has it.</summary>
    Waiting = 1,

    /// <summary>The sender has as many children as it takes.</summary>
    Full = 2,

    /// <summary>The sender hangs below the child, or waits for it.</summary>
    Loop = 3,

    /// <summary>The sender is, or has asked, the rendezvous point: there is no such group.</summary>
    NotFound = 4,

    /// <summary>The sender does not take part any more: look elsewhere.</summary>
    Gone = 5,

    /// <summary>The group is for who is invited, and no capability that is good was shown.</summary>
    Denied = 6,
}

/// <summary>Tells the parent that the sender is its child in these groups no more.</summary>
internal sealed class LeaveNotice(GroupId[] groups) : ScribeMessage
{
    public const int GroupsMax = 2048;

    public GroupId[] Groups { get; } = groups;

    public override ScribeMessageKind Kind => ScribeMessageKind.LeaveNotice;

    public static LeaveNotice Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, 1, static (ref MessagePackReader fields) => new LeaveNotice(Fields.ReadList(ref fields, GroupsMax, Fields.ReadGroup)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(1);
        writer.WriteArrayHeader(Groups.Length);
        foreach (var group in Groups)
        {
            Fields.Write(ref writer, group);
        }
    }
}
