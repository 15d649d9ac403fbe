using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Is how far behind a neighbour is in a group, since its window was full. It holds no batches: ordered ones are sent from the history, others from the group's
/// <see cref="Backlog"/>, so that a slow neighbour costs what one costs, however slow it is.
/// </summary>
internal sealed class Lag(GroupState group, ulong looseNext)
{
    public GroupState Group => group;

    /// <summary>Of each stream in which the neighbour is behind, the number of the next batch for it.</summary>
    public SortedDictionary<NodeId, ulong> Ordered { get; } = [];

    /// <summary>The place in the backlog of what is next for it.</summary>
    public ulong LooseNext { get; set; } = looseNext;

    /// <summary>How many messages were dropped that were for it, and that it does not know of.</summary>
    public long Dropped { get; set; }

    /// <summary>A batch of a stream is still to be sent.</summary>
    public void Await(NodeId stream, ulong number) =>
        Ordered[stream] = Ordered.TryGetValue(stream, out var next) ? Math.Min(next, number) : number;
}
