using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that gives batches their places, and has keepers keep them.</summary>
internal sealed partial class RootDesk
{
    /// <summary>How many batches are under way to a keeper.</summary>
    private const int WindowMax = 256;

    /// <summary>After what time without an answer a keeper is sent everything again.</summary>
    private static readonly TimeSpan ResendAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>Takes what an author publishes.</summary>
    public void OnPublication(NodeHandle client, BatchMessage message, IOverlay overlay)
    {
        var batch = message.Batch;
        var record = _records.GetValueOrDefault(batch.Group);
        if (record is not { Role: RootRole.Root } || record.Certificate.Policy.Dissemination != Dissemination.ThroughRoot)
        {
            Reply(client, batch, PublicationOutcome.NotRoot, overlay);
            return;
        }

        var author = batch.Author.NodeId;
        if (batch.IsOrdered && record.MarkOf(author) is { } mark && mark.Last.Epoch >= batch.AuthorPosition.Epoch)
        {
            if (batch.AuthorPosition.Epoch < mark.Last.Epoch)
            {
                // The author has begun another life, perhaps elsewhere.
                Reply(client, batch, PublicationOutcome.Denied, overlay);
                return;
            }

            if (batch.AuthorPosition <= mark.Last)
            {
                Acknowledge(record, client, batch, mark, overlay);
                return;
            }

        }

        if (!BatchDesk.MayPublish(record.Certificate, batch))
        {
            batches.Counters.Forged++;
            Reply(client, batch, PublicationOutcome.Denied, overlay);
            return;
        }

        if (trees.GetOrAdd(batch.Group) is { } group)
        {
            batches.CheckPublication(group, client, message, overlay);
        }
    }

    /// <summary>Goes on with a publication whose signature is right.</summary>
    public void OnPublicationChecked(GroupState group, NodeHandle client, BatchMessage message, IOverlay overlay)
    {
        var batch = message.Batch;
        if (_records.GetValueOrDefault(group.Id) is not { Role: RootRole.Root } record)
        {
            Reply(client, batch, PublicationOutcome.NotRoot, overlay);
            return;
        }

        if (batch.IsOrdered && !IsInTurn(record, client, message, overlay))
        {
            return;
        }

        if (!TakeTokens(record, batch, overlay))
        {
            batches.Counters.TooMany++;
            Reply(client, batch, PublicationOutcome.TooMany, overlay);
            if (batch.IsOrdered)
            {
                // What is refused is not awaited.
                record.Mark(new AuthorMark(batch.Author.NodeId, batch.AuthorPosition, default));
            }

            return;
        }

        if (!batch.IsOrdered)
        {
            batches.Spread(group, new BatchMessage(ScribeMessageKind.Batch, batch, default, 0, isReplay: false), overlay);
            return;
        }

        var placed = record.Append(batch, overlay.Now);
        record.Pending.Enqueue(new PendingPublication(placed.Position, client, batch.Author.NodeId, batch.AuthorPosition));
        batches.Spread(group, placed, overlay);
        SendLacking(record, overlay);
        Settle(record, overlay);
    }

    /// <summary>Follows a rendezvous point, and keeps its state.</summary>
    public void OnUpdate(NodeHandle from, RecordUpdate update, IOverlay overlay)
    {
        var group = update.Certificate.Id;
        var isFetched = _claims.TryGetValue(group, out var claim) && claim is { IsFetching: true, Best.Node: var best } && best.Id == from.Id;
        if (!isFetched && !overlay.ReplicaSet(group.Key, options.ReplicaCount + Slack + 4).Any(node => node.Id == from.Id))
        {
            return;
        }

        if (!_records.ContainsKey(group) && _records.Count >= RecordsMax)
        {
            return;
        }

        verifications.Ask(update.Certificate, overlay, (isRight, overlay) =>
        {
            if (isRight)
            {
                Take(from, update, isFetched, overlay);
            }
        });
    }

    public void OnAppend(NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        if (_records.GetValueOrDefault(message.Batch.Group) is not { Role: not RootRole.Root } record)
        {
            return;
        }

        var isFetched = _claims.TryGetValue(record.Group, out var claim) && claim is { IsFetching: true, Best.Node: var best } && best.Id == from.Id;
        if (!isFetched && (!from.Equals(record.Root) || IsPromisedToOther(record, from, overlay)))
        {
            return;
        }

        var before = record.Last.Number;
        record.Keep(message, overlay.Now);
        if (!isFetched)
        {
            links.Send(from, new RecordReply(record.Group, record.Last), overlay);
        }
        else if (record.Last.Number >= claim!.Best!.Value.Last.Number)
        {
            Promote(claim, overlay);
        }
        else if (record.Last.Number > before)
        {
            claim.Attempts = 0;
        }
    }

    public void OnRecordReply(NodeHandle from, RecordReply reply, IOverlay overlay)
    {
        if (_records.GetValueOrDefault(reply.Group) is not { Role: RootRole.Root } record || record.Keepers.Find(keeper => keeper.Node.Equals(from)) is not { } keeper)
        {
            return;
        }

        if (reply.Last.Epoch > record.Last.Epoch)
        {
            StepDown(record, overlay);
            return;
        }

        if (reply.Last > keeper.Acknowledged)
        {
            if (keeper.Acknowledged.Epoch != record.Last.Epoch)
            {
                keeper.SentUpTo = reply.Last.Number;
            }

            keeper.Acknowledged = reply.Last;
            keeper.OwesSince = reply.Last.Number < keeper.SentUpTo ? overlay.Now : Instant.Never;
        }

        keeper.Counts = true;
        SendLacking(record, overlay);
        Settle(record, overlay);
    }

    /// <summary>Gives the state to a node that is about to take over.</summary>
    public void OnRecordRequest(NodeHandle from, RecordRequest request, IOverlay overlay)
    {
        if (_records.GetValueOrDefault(request.Group) is not { } record || record.Promise.To != from.Id)
        {
            return;
        }

        links.Send(from, UpdateOf(record), overlay);
        SendBatches(record, from, Math.Max(request.From, record.History.First), overlay);
    }

    private void Take(NodeHandle from, RecordUpdate update, bool isFetched, IOverlay overlay)
    {
        var record = GetOrAddRecord(update.Certificate);
        if (update.Last.Epoch < record.Last.Epoch)
        {
            links.Send(from, new RecordReply(record.Group, record.Last), overlay);
            return;
        }

        if (!isFetched && IsPromisedToOther(record, from, overlay))
        {
            return;
        }

        if (record.Role != RootRole.Keeper)
        {
            if (update.Last.Epoch == record.Last.Epoch && record.Role == RootRole.Root)
            {
                return;
            }

            StepDown(record, overlay);
        }

        record.Follow(update.Last, update.EpochStart, update.First);
        foreach (var author in update.Authors)
        {
            record.Mark(author);
        }

        if (isFetched)
        {
            if (_claims.TryGetValue(record.Group, out var claim) && record.Last.Number >= claim.Best!.Value.Last.Number)
            {
                Promote(claim, overlay);
            }

            return;
        }

        Follow(record, from, overlay);
        links.Send(from, new RecordReply(record.Group, record.Last), overlay);
        ReviewKept(record, overlay);
    }

    private void StepDown(RootRecord record, IOverlay overlay)
    {
        record.Role = RootRole.Keeper;
        foreach (var keeper in record.Keepers)
        {
            links.Guard(keeper.Node, isKeeper: true, -1, overlay.Now);
        }

        record.Keepers.Clear();
        while (record.Pending.TryDequeue(out var pending))
        {
            links.Send(
                pending.Client,
                new PublicationReply(record.Group, isOrdered: true, pending.Author, pending.AuthorPosition, PublicationOutcome.NotRoot, default),
                overlay);
        }

        if (trees.Find(record.Group) is { Stage: TreeStage.Root } group)
        {
            trees.StepDown(group, overlay);
        }
    }

    private static bool IsPromisedToOther(RootRecord record, NodeHandle from, IOverlay overlay) =>
        record.Promise.Until > overlay.Now && record.Promise.To != from.Id;

    /// <summary>
    /// An author's batches are taken one after the other, so that one that is sent again is told from one that was overtaken. Which is the first that still
    /// comes, the author says: it may have given up those before.
    /// </summary>
    private bool IsInTurn(RootRecord record, NodeHandle client, BatchMessage message, IOverlay overlay)
    {
        var batch = message.Batch;
        var mark = record.MarkOf(batch.Author.NodeId) ?? default;
        if (batch.AuthorPosition <= mark.Last)
        {
            Acknowledge(record, client, batch, mark, overlay);
            return false;
        }

        var last = mark.Last.Epoch == batch.AuthorPosition.Epoch ? mark.Last : new GroupPosition(batch.AuthorPosition.Epoch, 0);
        if (batch.AuthorPosition.Number <= Math.Max(last.Number + 1, message.EpochStart))
        {
            return true;
        }

        links.Send(client, new PublicationReply(batch.Group, isOrdered: true, batch.Author.NodeId, last, PublicationOutcome.OutOfTurn, default), overlay);
        return false;
    }

    private static bool TakeTokens(RootRecord record, SignedBatch batch, IOverlay overlay)
    {
        var rate = record.Certificate.Policy.MessagesPerSecondMax;
        var author = batch.Author.NodeId;
        if (!record.Buckets.TryGetValue(author, out var bucket))
        {
            if (record.Buckets.Count >= RecordUpdate.AuthorsMax)
            {
                record.Buckets.Clear();
            }

            bucket = new TokenBucket(rate, overlay.Now);
        }

        var isTaken = bucket.TryTake(batch.Count, rate, overlay.Now);
        record.Buckets[author] = bucket;
        return isTaken;
    }

    private static RecordUpdate UpdateOf(RootRecord record) => new(record.Certificate, record.Last, record.EpochStart, record.History.First, [.. record.Authors]);

    private void SendUpdate(RootRecord record, Keeper keeper, IOverlay overlay)
    {
        keeper.OwesSince = overlay.Now;
        keeper.SentUpTo = record.Last.Number;
        links.Send(keeper.Node, UpdateOf(record), overlay);
        _alarm.Set(overlay.Now + ResendAfter, overlay);
    }

    /// <summary>Sends keepers what they have not got yet; those that have not answered for long are sent it again, and are not waited for.</summary>
    private void SendLacking(RootRecord record, IOverlay overlay)
    {
        foreach (var keeper in record.Keepers)
        {
            keeper.Counts = links.Find(keeper.Node.Id) is { } link && overlay.Now - link.HeardAt <= options.FailureTimeout;
            if (keeper.Acknowledged.Epoch != record.Last.Epoch)
            {
                if (overlay.Now - keeper.OwesSince >= ResendAfter)
                {
                    SendUpdate(record, keeper, overlay);
                }

                continue;
            }

            if (keeper.OwesSince < Instant.Never && overlay.Now - keeper.OwesSince >= ResendAfter)
            {
                keeper.SentUpTo = keeper.Acknowledged.Number;
                keeper.OwesSince = overlay.Now;
            }

            if (keeper.SentUpTo < record.Last.Number && keeper.SentUpTo < keeper.Acknowledged.Number + WindowMax)
            {
                keeper.SentUpTo = SendBatches(record, keeper.Node, Math.Max(keeper.SentUpTo + 1, record.History.First), overlay);
                keeper.OwesSince = keeper.OwesSince < Instant.Never ? keeper.OwesSince : overlay.Now;
                _alarm.Set(overlay.Now + ResendAfter, overlay);
            }
        }
    }

    private ulong SendBatches(RootRecord record, NodeHandle to, ulong from, IOverlay overlay)
    {
        var last = Math.Min(record.Last.Number, from + WindowMax - 1);
        for (var number = from; number <= last; number++)
        {
            if (record.History.Find(number) is { } kept)
            {
                links.Send(to, new BatchMessage(ScribeMessageKind.RecordAppend, kept.Batch, kept.Position, kept.EpochStart, isReplay: false), overlay);
            }
        }

        return last;
    }

    /// <summary>Tells authors and creators of what all keepers have that are waited for.</summary>
    private void Settle(RootRecord record, IOverlay overlay)
    {
        var safe = record.Last.Number;
        foreach (var keeper in record.Keepers)
        {
            if (keeper.Counts)
            {
                safe = Math.Min(safe, keeper.Acknowledged.Epoch == record.Last.Epoch ? keeper.Acknowledged.Number : 0);
            }
        }

        while (record.Pending.TryPeek(out var pending) && pending.Position.Number <= safe)
        {
            record.Pending.Dequeue();
            links.Send(
                pending.Client,
                new PublicationReply(record.Group, isOrdered: true, pending.Author, pending.AuthorPosition, PublicationOutcome.Taken, pending.Position),
                overlay);
        }

        if (record.Creators.Count > 0 && record.Keepers.TrueForAll(keeper => !keeper.Counts || keeper.Acknowledged.Epoch == record.Last.Epoch))
        {
            foreach (var (client, operation) in record.Creators)
            {
                links.Send(client, new CreateReply(operation, CreateOutcome.Created), overlay);
            }

            record.Creators.Clear();
        }
    }

    private void Acknowledge(RootRecord record, NodeHandle client, SignedBatch batch, AuthorMark mark, IOverlay overlay)
    {
        if (!record.Pending.Any(pending => pending.Author == mark.Author && pending.AuthorPosition >= batch.AuthorPosition))
        {
            links.Send(client, new PublicationReply(record.Group, isOrdered: true, mark.Author, mark.Last, PublicationOutcome.Taken, mark.Position), overlay);
        }
    }

    private void Reply(NodeHandle client, SignedBatch batch, PublicationOutcome outcome, IOverlay overlay) =>
        links.Send(client, new PublicationReply(batch.Group, batch.IsOrdered, batch.Author.NodeId, batch.AuthorPosition, outcome, default), overlay);
}
