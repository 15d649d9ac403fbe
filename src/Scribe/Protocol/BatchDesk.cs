using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Passes batches on along the trees, once their signatures are verified, brings ordered ones into order, and has missing ones sent again.
/// </summary>
internal sealed class BatchDesk(ScribeOptions options, TreeLinks links, Verifications verifications)
{
    /// <summary>How many batches of a group may wait for their verification.</summary>
    private const int ChecksMax = 512;

    /// <summary>How many batches, and bytes, an answer to a request for missing ones has at most.</summary>
    private const int ReplayMax = 128, ReplayBytesMax = 512 * 1024;

    /// <summary>How many authors of a group are remembered.</summary>
    private const int AuthorsMax = 1024;

    /// <summary>In how many heartbeats after a batch children are told how far the stream has come: some may be lost.</summary>
    private const int DigestTurns = 4;

    private readonly Alarm _alarm = new(TimerTokens.Replay);
    private readonly List<(GroupState Group, OrderedStream Stream)> _missing = [];
    private readonly List<GroupState> _moved = [];
    private readonly Dictionary<ulong, (GroupState Group, CheckedBatch Check)> _checks = [];

    /// <summary>Who decides about rendezvous points.</summary>
    public RootDesk Roots { get; set; } = null!;

    /// <summary>What was counted.</summary>
    public ScribeCounters Counters { get; } = new();

    /// <summary>Takes a batch that a neighbour passes on.</summary>
    public void OnBatch(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        if (group.Certificate is null || !MayComeFrom(group, from, message) || !IsWanted(group, message))
        {
            Counters.Unwanted++;
            return;
        }

        Check(group, from, message, isPublication: false, overlay);
    }

    /// <summary>Has a publication verified that came to the rendezvous point.</summary>
    public void CheckPublication(GroupState group, NodeHandle client, BatchMessage message, IOverlay overlay) =>
        Check(group, client, message, isPublication: true, overlay);

    /// <summary>Spreads a batch that the rendezvous point, or its author at this node, has given its place.</summary>
    public void Spread(GroupState group, BatchMessage message, IOverlay overlay) => Process(group, overlay.Self, message, overlay);

    /// <summary>Goes on with what waited for a verification.</summary>
    /// <returns>False where the outcome is of no batch here.</returns>
    public bool TryTake(Verified outcome, IOverlay overlay)
    {
        if (!_checks.Remove(outcome.Ticket, out var waiting))
        {
            return false;
        }

        var (group, check) = waiting;
        check.IsRight = outcome.IsRight;

        // Batches overtake each other while they are verified, but not here.
        while (group.Checks.TryPeek(out var first) && first.IsRight is { } isRight)
        {
            group.Checks.Dequeue();
            if (!isRight)
            {
                Counters.Forged++;
            }
            else
            {
                GoOn(group, first, overlay);
            }
        }

        return true;
    }

    /// <summary>A parent has been found, which tells how far it is.</summary>
    public void OnGrafted(GroupState group, StreamDigest[] digests, IOverlay overlay)
    {
        foreach (var digest in digests)
        {
            Learn(group, digest, group.HistoryCount, overlay);
        }
    }

    /// <summary>This node orders the group from now on, or crawling messages meet here.</summary>
    public void OnRooted(GroupState group, RootRecord record, IOverlay overlay)
    {
        if (!group.Crawls)
        {
            Learn(group, new StreamDigest(default, record.Last, record.EpochStart), group.HistoryCount, overlay);
        }
    }

    /// <summary>A parent tells how far it is.</summary>
    public void OnDigest(GroupState group, in StreamDigest digest, IOverlay overlay)
    {
        if (group.Stage == TreeStage.Grafted)
        {
            Learn(group, digest, historyCount: 0, overlay);
        }
    }

    /// <summary>Sends a child what it has missed, as far as it is here.</summary>
    public void OnReplayRequest(GroupState group, NodeHandle from, ReplayRequest request, IOverlay overlay)
    {
        if (!IsNeighbor(group, from) || !group.Streams.TryGetValue(request.Stream, out var stream) || request.From > request.To)
        {
            return;
        }

        var bytes = 0;
        var last = Math.Min(request.To, request.From + ReplayMax - 1);
        var (lacking, lackingLast) = (ulong.MaxValue, 0UL);
        for (var number = request.From; number <= last && bytes < ReplayBytesMax; number++)
        {
            if (Find(group, stream, number) is { } batch)
            {
                bytes += batch.EncodedLengthMax;
                Counters.Replayed++;
                links.Send(from, new BatchMessage(ScribeMessageKind.Batch, batch.Batch, batch.Position, batch.EpochStart, isReplay: true), overlay);
            }
            else if (number < stream.Next && (lacking > number || lackingLast == number - 1))
            {
                (lacking, lackingLast) = (Math.Min(lacking, number), number);
            }
        }

        // What this node waits for itself, the child gets when it comes; what it never had or has no more, others may have.
        if (lacking > lackingLast)
        {
            return;
        }

        if (group.Stage == TreeStage.Root || (group.Crawls && stream.Id == overlay.Self.Id) || stream.UnavailableUpTo >= lacking)
        {
            links.Send(from, new ReplayRefusal(group.Id, stream.Id, lackingLast), overlay);
        }
        else if (Upstream(group, stream) is { } above && above.Id != from.Id)
        {
            links.Send(above, new ReplayRequest(group.Id, stream.Id, lacking, lackingLast), overlay);
        }
    }

    public void OnReplayRefusal(GroupState group, NodeHandle from, ReplayRefusal refusal, IOverlay overlay)
    {
        if (!group.Streams.TryGetValue(refusal.Stream, out var stream) || Upstream(group, stream)?.Id != from.Id)
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

    /// <summary>Gives what a child is told in this interval.</summary>
    public (GroupId, StreamDigest)[] DigestsFor(TreeLink link)
    {
        var digests = new List<(GroupId, StreamDigest)>();
        foreach (var group in _moved)
        {
            if (link.ChildIn.Contains(group.Id))
            {
                digests.AddRange(DigestsOf(group).Select(digest => (group.Id, digest)).Take(Heartbeat.DigestsMax - digests.Count));
            }
        }

        return digests.Count == 0 ? [] : [.. digests];
    }

    /// <summary>An interval is over.</summary>
    public void EndBeat() => _moved.RemoveAll(group => --group.DigestsDue <= 0);

    public static StreamDigest[] DigestsOf(GroupState group) =>
        group.Streams.Count == 0 ? [] : [.. group.Streams.Values.OrderByDescending(stream => stream.Source is not null).Take(StreamDigest.CountMax).Select(stream => stream.Digest)];

    /// <summary>Finds or begins one of a group's streams.</summary>
    private static OrderedStream? StreamOf(GroupState group, NodeId id)
    {
        if (!group.Streams.TryGetValue(id, out var stream) && group.Streams.Count < AuthorsMax)
        {
            group.Streams.Add(id, stream = new OrderedStream(id, group.Certificate!.Policy));
        }

        return stream;
    }

    /// <summary>Tells whether an author may publish, as far as that needs no signature to be verified.</summary>
    public static bool MayPublish(GroupCertificate certificate, SignedBatch batch) =>
        certificate.Policy.Authors == Audience.Everyone
        || batch.Author.Equals(certificate.Creator)
        || (batch.Capability is { } capability && capability.Group == batch.Group && capability.Holder == batch.Author.NodeId
            && capability.Creator.Equals(certificate.Creator) && capability.Rights.HasFlag(GroupRights.Publish));

    /// <summary>Has a batch's signature verified, and that of what allows its author to publish, and goes on in turn.</summary>
    private void Check(GroupState group, NodeHandle from, BatchMessage message, bool isPublication, IOverlay overlay)
    {
        if (!MayPublish(group.Certificate!, message.Batch))
        {
            Counters.Forged++;
            return;
        }

        if (message.Batch.IsKnownRight && group.Checks.Count == 0 && message.Batch.Capability is null)
        {
            GoOn(group, new CheckedBatch(Ticket: 0, message, from, isPublication), overlay);
            return;
        }

        if (group.Checks.Count >= ChecksMax)
        {
            Counters.Dropped++;
            return;
        }

        var check = new CheckedBatch(verifications.NewTicket(), message, from, isPublication);
        group.Checks.Enqueue(check);
        _checks.Add(check.Ticket, (group, check));
        if (group.Certificate!.Policy.Authors == Audience.Invited && message.Batch.Capability is { } capability)
        {
            verifications.Ask(capability, overlay, (isRight, overlay) =>
            {
                if (isRight)
                {
                    overlay.Perform(new Verify(check.Ticket, message.Batch));
                }
                else
                {
                    TryTake(new Verified(check.Ticket, IsRight: false), overlay);
                }
            });
        }
        else
        {
            overlay.Perform(new Verify(check.Ticket, message.Batch));
        }
    }

    private void GoOn(GroupState group, CheckedBatch batch, IOverlay overlay)
    {
        if (batch.IsPublication)
        {
            Roots.OnPublicationChecked(group, batch.From, batch.Batch, overlay);
        }
        else if (IsWanted(group, batch.Batch))
        {
            Process(group, batch.From, batch.Batch, overlay);
        }
    }

    private static bool MayComeFrom(GroupState group, NodeHandle from, BatchMessage message) =>
        message.Batch.Group == group.Id
        && (group.Crawls
            ? IsNeighbor(group, from) && (!message.Batch.IsOrdered || message.Position == message.Batch.AuthorPosition)
            : from.Equals(group.Parent) && group.Stage == TreeStage.Grafted);

    private static bool IsNeighbor(GroupState group, NodeHandle from) => from.Equals(group.Parent) || group.ChildIndex(from.Id) >= 0;

    private static bool IsWanted(GroupState group, BatchMessage message)
    {
        var batch = message.Batch;
        return batch.IsOrdered
            ? !group.Streams.TryGetValue(StreamIdOf(group, batch), out var stream) || stream.Wants(message)
            : !group.Marks.TryGetValue(batch.Author.NodeId, out var last) || batch.AuthorPosition > last;
    }

    private static NodeId StreamIdOf(GroupState group, SignedBatch batch) => group.Crawls ? batch.Author.NodeId : default;

    private void Process(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        if (message.Batch.IsOrdered)
        {
            ProcessOrdered(group, from, message, overlay);
        }
        else
        {
            if (group.Marks.Count >= AuthorsMax && !group.Marks.ContainsKey(message.Batch.Author.NodeId))
            {
                group.Marks.Clear();
            }

            group.Marks[message.Batch.Author.NodeId] = message.Batch.AuthorPosition;
            PassOn(group, from, message, overlay);
            if (group.IsMember)
            {
                overlay.Perform(new Deliver(group.Id, message));
            }
        }
    }

    private void ProcessOrdered(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        var isFirst = !group.Streams.ContainsKey(StreamIdOf(group, message.Batch));
        if (StreamOf(group, StreamIdOf(group, message.Batch)) is not { } stream)
        {
            Counters.Dropped++;
            return;
        }

        if (isFirst)
        {
            // Whoever is above did not know of the author when it told how far its streams were: everything is new.
            stream.Start(new StreamDigest(stream.Id, new GroupPosition(message.Position.Epoch, message.EpochStart - 1), message.EpochStart), historyCount: 0);
        }

        if (!stream.Accept(message, overlay.Now))
        {
            return;
        }

        if (!message.IsReplay)
        {
            stream.Source = from;
        }

        // Who is below lacks what was lost on the way here as well.
        var passed = message.IsReplay ? new BatchMessage(ScribeMessageKind.Batch, message.Batch, message.Position, message.EpochStart, isReplay: false) : message;
        PassOn(group, from, passed, overlay);
        NoteMoved(group);
        GiveOut(group, stream, overlay);
        SeeWhatIsMissing(group, stream, overlay);
    }

    private void PassOn(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        foreach (var child in group.Children)
        {
            if (child.Node.Id != from.Id)
            {
                Counters.Forwarded++;
                links.Send(child.Node, message, overlay);
            }
        }

        if (group.Crawls && group.Parent is { } parent && group.Stage == TreeStage.Grafted && parent.Id != from.Id)
        {
            Counters.Forwarded++;
            links.Send(parent, message, overlay);
        }
    }

    private static void GiveOut(GroupState group, OrderedStream stream, IOverlay overlay)
    {
        while (stream.TryTake(out var batch))
        {
            if (group.IsMember)
            {
                overlay.Perform(new Deliver(group.Id, batch));
            }
        }
    }

    private void NoteMoved(GroupState group)
    {
        if (group.DigestsDue == 0)
        {
            _moved.Add(group);
        }

        group.DigestsDue = DigestTurns;
    }

    private void Learn(GroupState group, in StreamDigest digest, int historyCount, IOverlay overlay)
    {
        var isFirst = !group.Streams.ContainsKey(digest.Stream);
        if (group.Crawls == (digest.Stream == default) || StreamOf(group, digest.Stream) is not { } stream)
        {
            return;
        }

        if (isFirst)
        {
            stream.Start(digest, historyCount);
        }
        else if (stream.Learn(digest))
        {
            NoteMoved(group);
        }

        GiveOut(group, stream, overlay);
        SeeWhatIsMissing(group, stream, overlay);
    }

    private void SeeWhatIsMissing(GroupState group, OrderedStream stream, IOverlay overlay)
    {
        if (stream.IsMissing && (!_missing.Contains((group, stream)) || stream.Attempts == 0))
        {
            AskFor(group, stream, overlay);
        }
    }

    private void AskFor(GroupState group, OrderedStream stream, IOverlay overlay)
    {
        var (from, to) = stream.Hole();
        if (group.Stage == TreeStage.Root)
        {
            FillFromRecord(group, stream, from, to, overlay);
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
        if (Upstream(group, stream) is { } above)
        {
            stream.Attempts++;
            Counters.ReplaysAsked++;
            links.Send(above, new ReplayRequest(group.Id, stream.Id, from, to), overlay);
        }
    }

    /// <summary>A new rendezvous point may have missed as a member what it has kept for the last one.</summary>
    private void FillFromRecord(GroupState group, OrderedStream stream, ulong from, ulong to, IOverlay overlay)
    {
        for (var number = from; number <= to; number++)
        {
            if (Roots.Kept(group.Id, number) is { } kept)
            {
                stream.Accept(kept, overlay.Now);
                PassOn(group, overlay.Self, kept, overlay);
            }
        }

        GiveOut(group, stream, overlay);
        if (stream.IsMissing)
        {
            GiveUp(group, stream, stream.Hole().To, overlay);
        }
    }

    private void GiveUp(GroupState group, OrderedStream stream, ulong upTo, IOverlay overlay)
    {
        stream.UnavailableUpTo = Math.Max(stream.UnavailableUpTo, upTo);
        var (first, last) = stream.Skip(upTo);
        if (group.IsMember && first <= last)
        {
            overlay.Perform(new ReportGap(group.Id, first, last));
        }

        GiveOut(group, stream, overlay);
        SeeWhatIsMissing(group, stream, overlay);
    }

    private BatchMessage? Find(GroupState group, OrderedStream stream, ulong number) =>
        stream.Find(number) ?? (group.Stage == TreeStage.Root && !group.Crawls ? Roots.Kept(group.Id, number) : null);

    private static NodeHandle? Upstream(GroupState group, OrderedStream stream) =>
        group.Crawls && stream.Source is { } source && IsNeighbor(group, source) ? source
        : group.Stage == TreeStage.Grafted ? group.Parent
        : null;
}
