using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Is the set of nodes of which a majority decides about a group's order: what a majority of them has is safe, and an epoch begins with the votes of one. It changes by
/// one node at a time, so that the majorities of a set and of the next have a node in common.
/// </summary>
/// <param name="Version">Which set is the later one: the epoch in which it was made, and a number within that.</param>
/// <param name="Nodes">The nodes, with their addresses: after a cut they have to hear of each other before the overlay has found them again.</param>
internal sealed record Quorum(GroupPosition Version, NodeHandle[] Nodes)
{
    /// <summary>The most that there may be: the most nodes that keep a record, and one that is about to go.</summary>
    public const int NodesMax = 17;

    public static readonly Quorum None = new(default, []);

    private const int FieldCount = 3;

    public bool Contains(NodeId node) => Array.Exists(Nodes, known => known.Id == node);

    /// <summary>Tells whether so many of the nodes are a majority.</summary>
    /// <param name="count">How many they are.</param>
    /// <param name="departed">How many have said farewell, and with what they knew others will do without: one at most.</param>
    public bool IsMajority(int count, int departed = 0) => Nodes.Length == 0 || count > (Nodes.Length - departed) / 2;

    public static Quorum Read(ref MessagePackReader reader) => Fields.ReadArray(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new Quorum(Fields.ReadPosition(ref fields), Fields.ReadList(ref fields, NodesMax, Fields.ReadNode)));

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Version.Epoch);
        writer.Write(Version.Number);
        writer.WriteArrayHeader(Nodes.Length);
        foreach (var node in Nodes)
        {
            Fields.Write(ref writer, node);
        }
    }
}

/// <summary>
/// Is a line of epochs, each of which began with the votes of a majority. Where none could be had, another line begins, which gives way to the one that it left if there is a
/// majority for that again.
/// </summary>
/// <param name="Breaks">How many times a line was left for another, from the group's first one on.</param>
/// <param name="Epoch">The epoch with which this line began; 0 for the group's first one.</param>
/// <param name="Root">Who was the rendezvous point of that epoch.</param>
internal readonly record struct EpochLine(uint Breaks, uint Epoch, NodeId Root)
{
    private const int FieldCount = 3;

    /// <summary>Tells whether this line comes before another one where there is a majority for both: it was left less often, or later.</summary>
    public bool IsBefore(EpochLine other) =>
        Breaks != other.Breaks ? Breaks < other.Breaks
        : Epoch != other.Epoch ? Epoch > other.Epoch
        : Root.CompareTo(other.Root) < 0;

    public static EpochLine Read(ref MessagePackReader reader) => Fields.ReadArray(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new EpochLine(fields.ReadUInt32(), fields.ReadUInt32(), Fields.ReadNodeId(ref fields)));

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Breaks);
        writer.Write(Epoch);
        Fields.Write(ref writer, Root);
    }
}

/// <summary>Is the begin of an epoch. No node begins the same one twice, so that who has the same begins has the same batches in between.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="Root">Who was its rendezvous point.</param>
/// <param name="Start">The number with which it began.</param>
internal readonly record struct EpochBegin(uint Epoch, NodeId Root, ulong Start)
{
    /// <summary>How many are known of a group, the last ones.</summary>
    public const int CountMax = 16;

    private const int FieldCount = 3;

    public bool IsSameEpoch(EpochBegin other) => Epoch == other.Epoch && Root == other.Root;

    /// <summary>Up to which number two that have followed these epochs have the same batches: up to the end of the last epoch that both have known; null where there is none.</summary>
    public static ulong? SharedUpTo(IReadOnlyList<EpochBegin> left, IReadOnlyList<EpochBegin> right)
    {
        for (var (i, j) = (left.Count - 1, right.Count - 1); i >= 0 && j >= 0;)
        {
            if (left[i].IsSameEpoch(right[j]))
            {
                return Math.Max(Math.Min(EndOf(left, i), EndOf(right, j)), 1) - 1;
            }

            var isLeftLater = left[i].Epoch > right[j].Epoch;
            i -= isLeftLater || left[i].Epoch == right[j].Epoch ? 1 : 0;
            j -= isLeftLater ? 0 : 1;
        }

        return null;
    }

    private static ulong EndOf(IReadOnlyList<EpochBegin> epochs, int index) => index + 1 < epochs.Count ? epochs[index + 1].Start : ulong.MaxValue;

    public static EpochBegin Read(ref MessagePackReader reader) => Fields.ReadArray(
        ref reader,
        FieldCount,
        static (ref MessagePackReader fields) => new EpochBegin(fields.ReadUInt32(), Fields.ReadNodeId(ref fields), Fields.ReadNumber(ref fields)));

    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Epoch);
        Fields.Write(ref writer, Root);
        writer.Write(Start);
    }
}
