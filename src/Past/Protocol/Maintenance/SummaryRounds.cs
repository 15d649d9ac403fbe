using P2P.Bloom;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Compares replicas with ring neighbours at little cost: a node sends them a filter of what it holds, about ten bits a file, and each of them offers
/// what it holds, the node should hold and the filter lacks.
/// </summary>
/// <remarks>
/// The nodes that should hold a file lie side by side, so what a node lacks is seen by its nearest neighbours. Every filter hashes in its own way: what
/// one passes over by chance, another finds, or that of the next round.
/// </remarks>
internal sealed class SummaryRounds(IReplicaCatalog store, ReplicaSets sets)
{
    /// <summary>How many neighbours on either side get a summary: the nearest that may hold the same files.</summary>
    private const int NeighborsOnSide = 2;

    private const double FalsePositiveRate = 0.01;
    private const int PageLength = 512;

    private readonly List<FileId> _held = [];
    private readonly Dictionary<NodeId, Comparison> _comparisons = [];
    private readonly Queue<NodeId> _turns = [];
    private NodeId _first;
    private int _replicasMax = 1;
    private bool _isPlanned;

    /// <summary>Begins to sum up from the beginning of the ring.</summary>
    /// <param name="replicasMax">The largest k of the files that are held.</param>
    public void Begin(int replicasMax)
    {
        _replicasMax = replicasMax;
        _held.Clear();
        _first = KeyRange.All.First;
    }

    /// <summary>Takes a file that this node holds and should hold; files come in the order of the ring.</summary>
    public void Add(FileId file, IOverlay overlay)
    {
        if (_held.Count == ReplicaSummary.FilesMax && file.RoutingKey != _held[^1].RoutingKey)
        {
            Send(_held[^1].RoutingKey, overlay);
        }

        // Only files of the very same key could be more, and of these a false positive or two does no harm.
        if (_held.Count < ReplicaSummary.FilesMax)
        {
            _held.Add(file);
        }
    }

    /// <summary>Sends the last summary of the round.</summary>
    public void End(IOverlay overlay) => Send(KeyRange.All.Last, overlay);

    /// <summary>Takes a neighbour's summary; one that is being compared with makes another one wait for the next round.</summary>
    public void OnSummary(NodeHandle from, ReplicaSummary summary, IOverlay overlay)
    {
        if (IsNeighbor(from.Id, overlay) && _comparisons.TryAdd(from.Id, new Comparison(from, summary)))
        {
            _turns.Enqueue(from.Id);
            Plan(overlay);
        }
    }

    /// <summary>Compares one page of replicas with one of the summaries, in turns.</summary>
    /// <param name="offers">Takes what is offered.</param>
    /// <param name="overlay">The overlay.</param>
    public void Compare(OfferDesk offers, IOverlay overlay)
    {
        _isPlanned = false;
        if (!_turns.TryDequeue(out var turn))
        {
            return;
        }

        var comparison = _comparisons[turn];
        var (from, summary) = (comparison.From, comparison.Summary);
        var page = new StoredReplica[PageLength];
        var count = store.List(summary.Range, comparison.After, page);
        var arcs = new HolderArcs(sets, overlay);
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        foreach (var replica in page.AsSpan(0, count))
        {
            replica.FileId.WriteBytes(id);
            if (!summary.Held.MayContain(id) && ShouldHold(from.Id, arcs.Find(replica.FileId.RoutingKey, replica.ReplicaCount)))
            {
                offers.Add(from, replica);
            }
        }

        if (count == PageLength)
        {
            comparison.After = page[^1].FileId;
            _turns.Enqueue(turn);
        }
        else
        {
            _comparisons.Remove(turn);
        }

        Plan(overlay);
    }

    private void Send(NodeId last, IOverlay overlay)
    {
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        foreach (var neighbor in Nearest(overlay))
        {
            var filter = BloomFilter.ForCapacity(Math.Max(1, _held.Count), FalsePositiveRate, BloomHasher.Seeded(overlay.NextRandom()));
            foreach (var file in _held)
            {
                file.WriteBytes(id);
                filter.AddUnshared(filter.Hasher.Hash(id));
            }

            overlay.Send(neighbor, Payload.FromContent(new ReplicaSummary(new KeyRange(_first, last), filter)));
        }

        _held.Clear();
        _first = new NodeId(unchecked(last.Value + 1));
    }

    /// <summary>Lists the nearest neighbours: as many on either side, where there are so many, and more where nodes lie there of which some only hold a file.</summary>
    private IEnumerable<NodeHandle> Nearest(IOverlay overlay)
    {
        var (left, right) = (new List<NodeHandle>(), new List<NodeHandle>());
        foreach (var neighbor in overlay.NeighborSet(int.MaxValue))
        {
            (overlay.Self.Id.ClockwiseTo(neighbor.Id) <= UInt128.MaxValue / 2 ? right : left).Add(neighbor);
        }

        // Of k replicas the others may lie behind nodes of less than k other domains.
        var count = sets.IsByClosenessAlone(overlay) ? NeighborsOnSide : Math.Max(NeighborsOnSide, _replicasMax + 1);
        return [.. left.Take(sets.CountUpTo(count, left, overlay)), .. right.Take(sets.CountUpTo(count, right, overlay))];
    }

    private static bool ShouldHold(NodeId node, IReadOnlyList<NodeHandle> holders)
    {
        for (var i = 0; i < holders.Count; i++)
        {
            if (holders[i].Id == node)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNeighbor(NodeId node, IOverlay overlay) => ShouldHold(node, overlay.NeighborSet(int.MaxValue));

    private void Plan(IOverlay overlay)
    {
        if (!_isPlanned && _turns.Count > 0)
        {
            _isPlanned = true;
            overlay.SetTimer(TimerTokens.MaintenanceComparison, overlay.Now + ReplicaMaintenance.PageInterval);
        }
    }

    private sealed class Comparison(NodeHandle from, ReplicaSummary summary)
    {
        public NodeHandle From { get; } = from;

        public ReplicaSummary Summary { get; } = summary;

        /// <summary>The last replica that was compared.</summary>
        public FileId? After { get; set; }
    }
}
