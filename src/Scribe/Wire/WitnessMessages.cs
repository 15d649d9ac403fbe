using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Asks a node off the sender's way up whether there is anything new in groups. Whoever is in such a group's tree and has more shows its last batch
/// (<see cref="ScribeMessageKind.Witness"/>); who is not names another.
/// </summary>
internal sealed class WitnessRequest(WitnessRequest.Entry[] entries) : ScribeMessage
{
    public const int EntriesMax = 64;

    private const int EntryFields = 3;

    public Entry[] Entries { get; } = entries;

    public override ScribeMessageKind Kind => ScribeMessageKind.WitnessRequest;

    public static WitnessRequest Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, 1, static (ref MessagePackReader fields) => new WitnessRequest(Fields.ReadList(ref fields, EntriesMax, Entry.Read)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(1);
        writer.WriteArrayHeader(Entries.Length);
        foreach (var entry in Entries)
        {
            writer.WriteArrayHeader(EntryFields);
            Fields.Write(ref writer, entry.Group);
            writer.Write(entry.Last.Epoch);
            writer.Write(entry.Last.Number);
        }
    }

    /// <summary>Is one group of a request, with the place of the last batch that the sender knows of.</summary>
    public readonly record struct Entry(GroupId Group, GroupPosition Last)
    {
        public static Entry Read(ref MessagePackReader reader) => Fields.ReadArray(
            ref reader,
            EntryFields,
            static (ref MessagePackReader entry) => new Entry(Fields.ReadGroup(ref entry), Fields.ReadPosition(ref entry)));
    }
}

/// <summary>Answers a <see cref="WitnessRequest"/> for groups in whose trees the sender is not: names a node that is closer to the groups' ids.</summary>
internal sealed class WitnessReply(WitnessReply.Entry[] entries) : ScribeMessage
{
    private const int EntryFields = 2;

    public Entry[] Entries { get; } = entries;

    public override ScribeMessageKind Kind => ScribeMessageKind.WitnessReply;

    public static WitnessReply Read(ref MessagePackReader reader) => Fields.ReadAll(
        ref reader, 1, static (ref MessagePackReader fields) => new WitnessReply(Fields.ReadList(ref fields, WitnessRequest.EntriesMax, Entry.Read)));

    protected override void WriteFields(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(1);
        writer.WriteArrayHeader(Entries.Length);
        foreach (var entry in Entries)
        {
            writer.WriteArrayHeader(EntryFields);
            Fields.Write(ref writer, entry.Group);
            Fields.Write(ref writer, entry.Next);
        }
    }

    /// <summary>Is one group of an answer.</summary>
    public readonly record struct Entry(GroupId Group, NodeHandle Next)
    {
        public static Entry Read(ref MessagePackReader reader) => Fields.ReadArray(
            ref reader, EntryFields, static (ref MessagePackReader entry) => new Entry(Fields.ReadGroup(ref entry), Fields.ReadNode(ref entry)));
    }
}
