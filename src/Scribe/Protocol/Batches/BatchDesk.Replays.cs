using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that has missing batches sent again.</summary>
internal sealed partial class BatchDesk
{
    /// <summary>How many batches, and bytes, an answer to a request for missing ones has at most.</summary>
    private const int ReplayMax = 128, ReplayBytesMax = 512 * 1024;

    /// <summary>How many windows' worth of batches a neighbour is sent again in a second, and at once after it has asked for nothing.</summary>
    private const int ReplayWindowsPerSecond = 32, ReplayWindowsAtOnce = 64;

    /// <summary>How many bytes each neighbour has been sent again, also one that has left and come back.</summary>
    private readonly AuthorRates _replays = new();
    private readonly Alarm _alarm = new(TimerTokens.Replay);
    private readonly List<(GroupState Group, OrderedStream Lacking)> _missing = [];

    /// <summary>Sends a child what it has missed, as far as it is here.</summary>
    public void OnReplayRequest(GroupState group, NodeHandle from, ReplayRequest request, IOverlay overlay)
    {
        if (!IsNeighbor(group, from) || !group.Streams.TryGetValue(request.StreamId, out var stream) || request.From > request.To)
        {
            return;
        }

        // Who asks for the same again and again gets it as fast as one that is far behind and catches up, and no faster.
        var limit = new RateLimit(ReplayWindowsPerSecond * options.WindowBytes, ReplayWindowsAtOnce * options.WindowBytes);
        var bytesMax = Math.Min(ReplayBytesMax, _replays.Left(from.Id, limit, overlay.Now));
        var bytes = 0;
        var last = Math.Min(request.To, request.From + ReplayMax - 1);
        if (links.Find(from.Id) is { } link && link.Lags.TryGetValue(group.Id, out var lag) && lag.Ordered.TryGetValue(stream.Id, out var next) && next > 0)
        {
            // What comes in its turn need not be sent twice.
            last = Math.Min(last, next - 1);
        }

        var (lacking, lackingLast) = (ulong.MaxValue, 0UL);
        for (var number = request.From; number <= last && bytes < bytesMax; number++)
        {
            if (Find(group, stream, number) is { } batch)
            {
                bytes += batch.EncodedLengthMax;
                Counters.Replayed++;
                links.Send(from, batch.Again(isReplay: true, AgeOf(group, stream, number, overlay.Now)), overlay);
            }
            else if (number < stream.Next && (lacking > number || lackingLast == number - 1))
            {
                (lacking, lackingLast) = (Math.Min(lacking, number), number);
            }
        }

        _replays.TryTake(from.Id, Math.Min(bytes, bytesMax), limit, overlay.Now);

        // What this node waits for itself, the child gets when it comes; what it never had or has no more, others may have.
        if (lacking > lackingLast)
        {
            return;
        }

        if (group.Stage == TreeStage.Root || (group.Crawls && stream.Id == overlay.Self.Id) || stream.UnavailableUpTo >= lacking)
        {
            // Where nothing follows for long, all of that is refused at once.
            var upTo = lackingLast < last ? lackingLast : Math.Max(lackingLast, NextKept(group, stream, lackingLast + 1) - 1);
            var isFinal = group.Stage == TreeStage.Root || (group.Crawls && stream.Id == overlay.Self.Id);
            links.Send(from, new ReplayRefusal(group.Id, stream.Id, isFinal ? upTo : Math.Max(lackingLast, Math.Min(upTo, stream.UnavailableUpTo))), overlay);
        }
        else if (Upstream(group, stream) is { } above && above.Id != from.Id)
        {
            links.Send(above, new ReplayRequest(group.Id, stream.Id, lacking, lackingLast), overlay);
        }
    }

    public void OnReplayRefusal(GroupState group, NodeHandle from, ReplayRefusal refusal, IOverlay overlay)
    {
        if (!group.Streams.TryGetValue(refusal.StreamId, out var stream) || Upstream(group, stream)?.Id != from.Id)
        {
            return;
        }

        stream.UnavailableUpTo = Math.Max(stream.UnavailableUpTo, Math.Min(refusal.UpTo, stream.Last.Number));
        if (stream.IsMissing && refusal.UpTo >= stream.Next)
        {
            GiveUp(group, stream, Math.Min(refusal.UpTo, stream.Hole().To), overlay);
        }
    }

    /// <summary>Asks again for what is missing.</summary>
    public void Expire(IOverlay overlay)
    {
        if (!_alarm.Rings(overlay.Now))
        {
            return;
        }

        foreach (var (group, stream) in _missing.ToArray())
        {
            if (!stream.IsMissing || !group.Streams.ContainsValue(stream))
            {
                _missing.Remove((group, stream));
            }
            else if (stream.AskAgainAt <= overlay.Now)
            {
                AskFor(group, stream, overlay);
            }
            else
            {
                _alarm.Set(stream.AskAgainAt, overlay);
            }
        }
    }

    private void SeeWhatIsMissing(GroupState group, OrderedStream stream, IOverlay overlay)
    {
        // What has been asked for and is coming is not asked for again with each batch of it that comes.
        if (stream.IsMissing && (!_missing.Contains((group, stream)) || stream.Next > stream.AskedUpTo))
        {
            AskFor(group, stream, overlay);
        }
    }

    private void AskFor(GroupState group, OrderedStream stream, IOverlay overlay)
    {
        var (from, to) = stream.Hole();
        if (group.Stage == TreeStage.Root)
        {
            FillFromRecord(group, stream, overlay);
            return;
        }

        if (stream.Attempts >= options.ReplayAttemptsMax)
        {
            GiveUp(group, stream, to, overlay);
            return;
        }

        if (!_missing.Contains((group, stream)))
        {
            _missing.Add((group, stream));
        }

        stream.AskAgainAt = overlay.Now + options.ReplayInterval;
        _alarm.Set(stream.AskAgainAt, overlay);
        var room = RoomFor(group, stream, overlay);
        if (room > 0 && Upstream(group, stream) is { } above)
        {
            // Who is perhaps dead says nothing about what there is, nor who waits for it as well.
            stream.Attempts += IsHeard(above, overlay) && overlay.Now - group.Watch.ParentBehindAt > 2 * options.HeartbeatInterval ? 1 : 0;
            Counters.ReplaysAsked++;
            stream.AskedUpTo = Math.Min(to, from + Math.Min(room, ReplayMax) - 1);
            links.Send(above, new ReplayRequest(group.Id, stream.Id, from, stream.AskedUpTo), overlay);
        }
    }

    /// <summary>A new rendezvous point may have missed as a member what it has kept for the last one.</summary>
    private void FillFromRecord(GroupState group, OrderedStream stream, IOverlay overlay)
    {
        while (stream.IsMissing)
        {
            // Whoever gave this node its record may have named any number: no more is looked through than is kept.
            var (from, to) = stream.Hole();
            for (var number = Math.Max(from, Roots.FirstKept(group.Id)); number <= to && to - number < GroupPolicy.HistoryCountLimit; number++)
            {
                if (Roots.Kept(group.Id, number) is { } kept)
                {
                    stream.Accept(kept.Again(isReplay: false, Roots.AgeOf(group.Id, number, overlay.Now)), overlay.Now);
                    PassOn(group, overlay.Self, kept, overlay);
                }
            }

            GiveOut(group, stream, overlay);
            if (stream.IsMissing)
            {
                Skip(group, stream, stream.Hole().To, overlay);
            }
        }
    }

    private void GiveUp(GroupState group, OrderedStream stream, ulong upTo, IOverlay overlay)
    {
        Skip(group, stream, upTo, overlay);
        SeeWhatIsMissing(group, stream, overlay);
    }

    /// <summary>Goes on behind what nobody has.</summary>
    private void Skip(GroupState group, OrderedStream stream, ulong upTo, IOverlay overlay)
    {
        stream.UnavailableUpTo = Math.Max(stream.UnavailableUpTo, upTo);
        var (first, last) = stream.Skip(upTo);
        if (group.IsMember && first <= last)
        {
            // The number may be a liar's; sums over many nodes must still fit.
            Counters.Lost += (long)Math.Min(last - first + 1, uint.MaxValue);
            overlay.Perform(new ReportGap(group.Id, stream.Id, first, last));
        }

        GiveOut(group, stream, overlay);
    }

    private bool IsHeard(NodeHandle node, IOverlay overlay) =>
        links.Find(node.Id) is { } link && overlay.Now - link.HeardAt <= 2 * options.HeartbeatInterval;

    private BatchMessage? Find(GroupState group, OrderedStream stream, ulong number) =>
        stream.Find(number) ?? (group.Stage == TreeStage.Root && !group.Crawls ? Roots.Kept(group.Id, number) : null);

    /// <summary>Finds the first number from this one on that is kept; the next one that is given out where none is.</summary>
    private ulong NextKept(GroupState group, OrderedStream stream, ulong from) => Math.Max(from, Math.Min(
        stream.NextKept(from), group.Stage == TreeStage.Root && !group.Crawls ? Roots.NextKept(group.Id, from, stream.Next) : stream.Next));

    private TimeSpan AgeOf(GroupState group, OrderedStream stream, ulong number, Instant now) =>
        stream.Find(number) is not null ? stream.AgeOf(number, now) : Roots.AgeOf(group.Id, number, now);

    private static NodeHandle? Upstream(GroupState group, OrderedStream stream) =>
        group.Crawls && stream.Source is { } source && IsNeighbor(group, source) ? source
        : group.Stage == TreeStage.Grafted ? group.Parent
        : null;
}
