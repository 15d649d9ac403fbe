using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// The side of the desk that holds authors and neighbours back: who sends more than this node and most of those below it can take is told later that it may
/// go on.
/// </summary>
internal sealed partial class BatchDesk
{
    /// <summary>How many batches wait for their verification until neighbours are not told any more that they may go on.</summary>
    private const int ChecksBusy = 64;

    /// <summary>How many batches of this node's users wait for its neighbours; their shells let far fewer be under way.</summary>
    private const int OwnMax = 64;

    private readonly List<GroupState> _stalled = [];
    private readonly SortedDictionary<NodeId, (NodeHandle Node, ulong Mark)> _heldMarks = [];

    /// <summary>Whether so much waits for its verification that neighbours are to wait as well.</summary>
    private bool IsBusy => _checks.Count >= ChecksBusy;

    /// <summary>Spreads what a user of this node publishes where messages crawl, as soon as most of the neighbours can take it.</summary>
    public void SpreadOwn(GroupState group, BatchMessage message, IOverlay overlay)
    {
        if (group.Own.Count >= OwnMax)
        {
            Counters.Dropped++;
            End(message.Batch, outcome: null, overlay);
            return;
        }

        group.Own.Enqueue(message);
        GoOnWithOwn(group, overlay);
    }

    /// <summary>A neighbour has come to a mark, or an author to one that it has put between its publications.</summary>
    public void OnMark(NodeHandle from, FlowMark mark, GroupState? group, IOverlay overlay)
    {
        if (group is null ? !IsBusy : IsOpen(group))
        {
            links.Send(from, new FlowMark(mark.Group, mark.Mark, isAnswer: true), overlay);
        }
        else if (group is null)
        {
            if (links.Find(from.Id) is not null)
            {
                _heldMarks[from.Id] = (from, mark.Mark);
            }
        }
        else if (group.Authors.ContainsKey(from.Id) || group.Authors.Count < AuthorsMax)
        {
            group.Authors[from.Id] = (from, mark.Mark);
            NoteStalled(group);
        }
    }

    /// <summary>Tells whether authors may go on: most of the neighbours can take more. A few that are slow stall nobody; where most are, the author is too fast.</summary>
    private bool IsOpen(GroupState group)
    {
        var (all, open) = (0, 0);
        foreach (var child in group.Children)
        {
            all++;
            open += IsOpen(group, child.Node) ? 1 : 0;
        }

        if (group.Crawls && group is { Stage: TreeStage.Grafted, Parent: { } parent })
        {
            all++;
            open += IsOpen(group, parent) ? 1 : 0;
        }

        return !IsBusy && 2 * open >= all;
    }

    private bool IsOpen(GroupState group, NodeHandle neighbor) =>
        links.Find(neighbor.Id) is not { } link || (link.Flow.HasRoom && (link.Lags.Count == 0 || !link.Lags.ContainsKey(group.Id)));

    /// <summary>
    /// Tells whether a batch that crawls is more than its author may send. Its own node refuses half as much, so either that does not, or a neighbour was long
    /// behind and brings much at once. An ordered one is asked for as soon as its author may send more, as far as it is kept then; another is dropped.
    /// </summary>
    private bool IsExcess(GroupState group, BatchMessage message, IOverlay overlay)
    {
        var batch = message.Batch;
        if (!group.Crawls || group.Rates.TryTake(batch.Author.NodeId, batch.Count, RateLimit.OfNeighbors(group.Certificate!.Policy), overlay.Now))
        {
            return false;
        }

        Counters.TooMany++;
        if (batch.IsOrdered && StreamFor(group, message, overlay.Now) is { } stream && stream.Learn(new StreamDigest(stream.Id, message.Position, message.EpochStart)))
        {
            NoteMoved(group);
            SeeWhatIsMissing(group, stream, overlay);
        }

        return true;
    }

    /// <summary>How many batches of a stream this node may be sent now.</summary>
    private static ulong RoomFor(GroupState group, OrderedStream stream, IOverlay overlay) =>
        group.Crawls ? (ulong)group.Rates.Left(stream.Id, RateLimit.OfNeighbors(group.Certificate!.Policy), overlay.Now) : ReplayMax;

    private void NoteStalled(GroupState group)
    {
        if (!_stalled.Contains(group))
        {
            _stalled.Add(group);
        }
    }

    private void GoOnWhereOpen(IOverlay overlay)
    {
        if (_heldMarks.Count > 0 && !IsBusy)
        {
            foreach (var (neighbor, mark) in _heldMarks.Values)
            {
                links.Send(neighbor, new FlowMark(default, mark, isAnswer: true), overlay);
            }

            _heldMarks.Clear();
        }

        for (var i = _stalled.Count - 1; i >= 0; i--)
        {
            var group = _stalled[i];
            if (!IsOpen(group))
            {
                continue;
            }

            _stalled.RemoveAt(i);
            foreach (var (author, mark) in group.Authors.Values)
            {
                links.Send(author, new FlowMark(group.Id, mark, isAnswer: true), overlay);
            }

            group.Authors.Clear();
            GoOnWithOwn(group, overlay);
        }
    }

    private void GoOnWithOwn(GroupState group, IOverlay overlay)
    {
        while (group.Own.TryPeek(out var own) && IsOpen(group))
        {
            group.Own.Dequeue();
            Spread(group, own, overlay);
            End(own.Batch, PublicationOutcome.Taken, overlay);
        }

        if (group.Own.Count > 0)
        {
            NoteStalled(group);
            _flowAlarm.Set(overlay.Now + MarkAgainAfter, overlay);
        }
    }

    private static void End(SignedBatch batch, PublicationOutcome? outcome, IOverlay overlay) =>
        overlay.Perform(new PublicationEnded(batch.Group, batch.Author.NodeId, batch.IsOrdered, batch.AuthorPosition, outcome, batch.IsOrdered && outcome is not null ? batch.AuthorPosition : default));
}
