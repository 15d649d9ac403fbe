using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// The side of the desk that sends no more to a neighbour than it takes. One whose window is full falls behind, alone: it gets ordered batches from the
/// history when there is room, of values the latest, and of the rest what has not been dropped meanwhile, with the number of what has.
/// </summary>
internal sealed partial class BatchDesk
{
    /// <summary>After what time without an answer a mark may be lost, and another is sent.</summary>
    private static readonly TimeSpan MarkAgainAfter = TimeSpan.FromMilliseconds(250);

    private readonly Alarm _flowAlarm = new(TimerTokens.Flow);
    private readonly List<TreeLink> _lagging = [];
    private readonly List<TreeLink> _toMark = [];

    public void OnMarkAnswer(NodeHandle from, FlowMark answer, IOverlay overlay)
    {
        if (links.Find(from.Id) is { } link && link.Flow.OnAnswer(answer.Mark))
        {
            Pump(link, overlay);
            GoOnWhereOpen(overlay);
        }
    }

    /// <summary>The transport had no room for a batch.</summary>
    public void OnNotSent(GroupState group, NodeHandle to, BatchMessage message, IOverlay overlay)
    {
        if (links.Find(to.Id) is not { } link || !IsNeighbor(group, to))
        {
            return;
        }

        var lag = FallBehind(link, group, overlay);
        if (message.Batch.IsOrdered)
        {
            lag.Await(StreamIdOf(group, message.Batch), message.Position.Number);
        }
        else
        {
            lag.Dropped += message.Batch.Count;
            Counters.Dropped += message.Batch.Count;
        }
    }

    /// <summary>A neighbour had to drop messages that were for this node and those behind it.</summary>
    public void OnDropNotice(GroupState group, NodeHandle from, DropNotice notice, IOverlay overlay)
    {
        if (!(group.Crawls ? IsNeighbor(group, from) : from.Equals(group.Parent)))
        {
            return;
        }

        if (group.IsMember)
        {
            overlay.Perform(new ReportDropped(group.Id, notice.Count));
        }

        foreach (var link in NeighborsOf(group, from.Id))
        {
            if (link.Lags.TryGetValue(group.Id, out var lag))
            {
                lag.Dropped += notice.Count;
            }
            else
            {
                links.Send(link.Node, notice, overlay);
            }
        }
    }

    /// <summary>Sends marks again that may be lost.</summary>
    public void ExpireFlow(IOverlay overlay)
    {
        if (!_flowAlarm.Rings(overlay.Now))
        {
            return;
        }

        foreach (var link in _lagging.ToArray())
        {
            if (links.Find(link.Node.Id) != link)
            {
                link.Lags.Clear();
                _lagging.Remove(link);
            }
            else if (!link.Flow.HasRoom && overlay.Now - link.Flow.MarkedAt >= MarkAgainAfter)
            {
                links.Send(link.Node, new FlowMark(default, link.Flow.Mark(overlay.Now), isAnswer: false), overlay);
            }
            else
            {
                Pump(link, overlay);
            }
        }

        GoOnWhereOpen(overlay);
        if (_lagging.Count + _stalled.Count > 0)
        {
            _flowAlarm.Set(overlay.Now + MarkAgainAfter, overlay);
        }
    }

    /// <returns>Whether the batch waits for a neighbour that is behind.</returns>
    private bool PassOn(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        var isAnyBehind = false;
        foreach (var child in group.Children)
        {
            isAnyBehind |= child.Node.Id != from.Id && !TryHand(group, child.Node, message, overlay);
        }

        if (group.Crawls && group.Parent is { } parent && group.Stage == TreeStage.Grafted && parent.Id != from.Id)
        {
            isAnyBehind |= !TryHand(group, parent, message, overlay);
        }

        SendMarks(overlay);
        if (isAnyBehind && !message.Batch.IsOrdered)
        {
            KeepForLater(group, from, message);
        }
        else if (group.Backlog is { IsEmpty: false })
        {
            // Who was behind may have gone.
            Trim(group);
        }

        return isAnyBehind;
    }

    private void KeepForLater(GroupState group, NodeHandle from, BatchMessage message) =>
        group.Backlog!.Add(message, from.Id, (place, count) => NoteDropped(group, place, count));

    /// <summary>Sends a batch to a neighbour that has room for it.</summary>
    /// <returns>False where it is behind, and gets the batch later, if it is worth it then.</returns>
    private bool TryHand(GroupState group, NodeHandle to, BatchMessage message, IOverlay overlay)
    {
        if (links.Find(to.Id) is not { } link)
        {
            links.Send(to, message, overlay);
            return true;
        }

        var isOrdered = message.Batch.IsOrdered;
        if (link.Flow.HasRoom && (link.Lags.Count == 0 || !link.Lags.ContainsKey(group.Id)))
        {
            Send(link, message, overlay);
            return true;
        }

        var lag = FallBehind(link, group, overlay);
        if (isOrdered)
        {
            lag.Await(StreamIdOf(group, message.Batch), message.Position.Number);
            if (link.Flow.HasRoom)
            {
                Pump(link, overlay);
            }
        }

        return false;
    }

    private Lag FallBehind(TreeLink link, GroupState group, IOverlay overlay)
    {
        if (!link.Lags.TryGetValue(group.Id, out var lag))
        {
            group.Backlog ??= new Backlog(options.BacklogBytesMax);
            link.Lags.Add(group.Id, lag = new Lag(group, group.Backlog.End));
            if (!_lagging.Contains(link))
            {
                _lagging.Add(link);
            }

            _flowAlarm.Set(overlay.Now + MarkAgainAfter, overlay);
        }

        return lag;
    }

    /// <summary>Sends a neighbour what it is behind with: one batch of each group in turn, while there is room.</summary>
    private void Pump(TreeLink link, IOverlay overlay)
    {
        while (link.Flow.HasRoom && link.Lags.Count > 0)
        {
            var lags = link.Lags.Values.ToArray();
            var isAnySent = false;
            for (var i = 0; i < lags.Length && link.Flow.HasRoom; i++)
            {
                isAnySent |= TrySendNext(link, lags[(link.Turn++ & int.MaxValue) % lags.Length], overlay);
            }

            if (!isAnySent)
            {
                break;
            }
        }

        if (link.Lags.Count == 0)
        {
            _lagging.Remove(link);
        }

        SendMarks(overlay);
    }

    /// <returns>False where there is nothing for the neighbour now.</returns>
    private bool TrySendNext(TreeLink link, Lag lag, IOverlay overlay)
    {
        var group = lag.Group;
        if (lag.Dropped > 0)
        {
            links.Send(link.Node, new DropNotice(group.Id, (int)Math.Min(lag.Dropped, int.MaxValue)), overlay);
            lag.Dropped = 0;
        }

        foreach (var (id, number) in lag.Ordered)
        {
            if (!group.Streams.TryGetValue(id, out var stream) || number > stream.Last.Number)
            {
                lag.Ordered.Remove(id);
                return true;
            }

            if (Find(group, stream, number) is { } batch)
            {
                lag.Ordered[id] = number + 1;
                Send(link, batch, overlay);
                return true;
            }

            if (number < stream.Next)
            {
                // Nobody has it any more, which the neighbour is told when it asks.
                lag.Ordered[id] = Math.Max(number + 1, stream.First);
                return true;
            }
        }

        if (group.Backlog?.Next(lag.LooseNext) is { } next)
        {
            lag.LooseNext = next.Place + 1;
            if (next.From != link.Node.Id)
            {
                Send(link, next.Batch, overlay);
            }

            Trim(group);
            return true;
        }

        if (lag.Ordered.Count == 0)
        {
            link.Lags.Remove(group.Id);
            Trim(group);
        }

        return false;
    }

    private void Send(TreeLink link, BatchMessage message, IOverlay overlay)
    {
        var batch = message.Kind == ScribeMessageKind.Batch && !message.IsReplay
            ? message
            : new BatchMessage(ScribeMessageKind.Batch, message.Batch, message.Position, message.EpochStart, isReplay: false);
        Counters.Forwarded++;
        Counters.ForwardedBytes += batch.Batch.Bytes.Length;
        TreeLinks.Send(link, batch, overlay);
        link.Flow.Send(batch.EncodedLengthMax);
        if (link.Flow.IsMarkDue && !_toMark.Contains(link))
        {
            _toMark.Add(link);
        }
    }

    /// <summary>Marks follow the batches of a step, so that the same batch for many stands together and is encoded once.</summary>
    private void SendMarks(IOverlay overlay)
    {
        foreach (var link in _toMark)
        {
            TreeLinks.Send(link, new FlowMark(default, link.Flow.Mark(overlay.Now), isAnswer: false), overlay);
        }

        _toMark.Clear();
    }

    private void NoteDropped(GroupState group, ulong place, int count)
    {
        Counters.Dropped += count;
        foreach (var link in NeighborsOf(group, except: default))
        {
            if (link.Lags.TryGetValue(group.Id, out var lag) && lag.LooseNext <= place)
            {
                lag.Dropped += count;
            }
        }
    }

    /// <summary>Drops what all who are behind have got.</summary>
    private void Trim(GroupState group)
    {
        var first = ulong.MaxValue;
        foreach (var link in NeighborsOf(group, except: default))
        {
            if (link.Lags.TryGetValue(group.Id, out var lag))
            {
                first = Math.Min(first, lag.LooseNext);
            }
        }

        group.Backlog?.Trim(first);
    }

    private IEnumerable<TreeLink> NeighborsOf(GroupState group, NodeId except)
    {
        foreach (var child in group.Children)
        {
            if (child.Node.Id != except && links.Find(child.Node.Id) is { } link)
            {
                yield return link;
            }
        }

        if (group.Crawls && group is { Stage: TreeStage.Grafted, Parent: { } parent } && parent.Id != except && links.Find(parent.Id) is { } above)
        {
            yield return above;
        }
    }
}
