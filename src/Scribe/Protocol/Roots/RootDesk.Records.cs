using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that gives batches their places, and tells authors when they are safe.</summary>
internal sealed partial class RootDesk
{
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
        if (IsForgotten(record, client, batch, overlay))
        {
            return;
        }

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

        if (IsOld(batch))
        {
            batches.Counters.Unwanted++;
            return;
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

        if (IsForgotten(record, client, batch, overlay) || (batch.IsOrdered && !IsInTurn(record, client, message, overlay)))
        {
            return;
        }

        if (IsOld(batch))
        {
            batches.Counters.Unwanted++;
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
        RaiseForgotten(record, overlay);
        record.Pending.Enqueue(new PendingPublication(placed.Position, client, batch.Author.NodeId, batch.AuthorPosition));
        batches.Spread(group, placed, overlay);
        SendLacking(record, overlay);
        Settle(record, overlay);
    }

    /// <summary>Tells who has sent a publication that its author has not signed it, or may not publish any more.</summary>
    public void OnPublicationRefused(NodeHandle client, SignedBatch batch, IOverlay overlay) => Reply(client, batch, PublicationOutcome.Denied, overlay);

    private void StepDown(RootRecord record, IOverlay overlay)
    {
        record.Role = RootRole.Keeper;
        overlay.Perform(new RootEnded(record.Group));
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

    /// <summary>Tells whether an ordered batch may have come before, of an author that is not remembered any more; the author is told to begin another life.</summary>
    private bool IsForgotten(RootRecord record, NodeHandle client, SignedBatch batch, IOverlay overlay)
    {
        if (!batch.IsOrdered || batch.AuthorPosition.Epoch > record.ForgottenEpoch || record.MarkOf(batch.Author.NodeId) is not null)
        {
            return false;
        }

        var place = new GroupPosition(record.ForgottenEpoch, 0);
        links.Send(client, new PublicationReply(batch.Group, isOrdered: true, batch.Author.NodeId, batch.AuthorPosition, PublicationOutcome.Forgotten, place), overlay);
        return true;
    }

    /// <summary>
    /// Notes whose last batch is known no more, and tells keepers, about once an hour at most. Who says that it has begun a day from now or later does not make all others begin again: of those, what
    /// is forgotten can be said again.
    /// </summary>
    private void RaiseForgotten(RootRecord record, IOverlay overlay)
    {
        if (record.EvictedEpoch <= record.ForgottenEpoch)
        {
            return;
        }

        var forgotten = Math.Min(record.EvictedEpoch | 0xFFF, batches.LastClock is > 0 and var clock ? clock + 86_400 : uint.MaxValue - 1);
        if (forgotten <= record.ForgottenEpoch || (forgotten < record.EvictedEpoch && forgotten - record.ForgottenEpoch < 0xFFF))
        {
            return;
        }

        record.ForgottenEpoch = forgotten;
        foreach (var keeper in record.Keepers)
        {
            TellQuorum(record, keeper, overlay);
        }
    }

    /// <summary>Tells whether a later batch of the author has come, of those that have no place: what it has said once anybody can say again.</summary>
    private bool IsOld(SignedBatch batch) =>
        !batch.IsOrdered && trees.Find(batch.Group) is { } group && group.Marks.HasSeen(batch.Author.NodeId, batch.AuthorPosition);

    private static bool TakeTokens(RootRecord record, SignedBatch batch, IOverlay overlay) =>
        record.Rates.TryTake(batch.Author.NodeId, batch.Count, RateLimit.OfAuthor(record.Certificate.Policy), overlay.Now);

    /// <summary>Tells authors and creators of what all keepers have that are waited for.</summary>
    private void Settle(RootRecord record, IOverlay overlay)
    {
        var safe = SafeOf(record, overlay);
        foreach (var keeper in record.Keepers)
        {
            if (keeper.Counts)
            {
                safe = Math.Min(safe, keeper.Acknowledged.Epoch == record.Last.Epoch ? keeper.Acknowledged.Number : 0);
            }
        }

        record.Safe = Math.Max(record.Safe, safe);
        while (record.Pending.TryPeek(out var pending) && pending.Position.Number <= safe)
        {
            record.Pending.Dequeue();
            links.Send(
                pending.Client,
                new PublicationReply(record.Group, isOrdered: true, pending.Author, pending.AuthorPosition, PublicationOutcome.Taken, pending.Position),
                overlay);
        }

        if (record.Creators.Count > 0
            && record.Quorum.IsMajority(CountOf(record, overlay, keeper => keeper.Acknowledged.Epoch == record.Last.Epoch))
            && record.Keepers.TrueForAll(keeper => !keeper.Counts || keeper.Acknowledged.Epoch == record.Last.Epoch))
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
        // What this rendezvous point has taken over may not be safe yet: then the author asks again.
        if (mark.Position.Number <= record.Safe && !record.Pending.Any(pending => pending.Author == mark.Author && pending.AuthorPosition >= batch.AuthorPosition))
        {
            links.Send(client, new PublicationReply(record.Group, isOrdered: true, mark.Author, mark.Last, PublicationOutcome.Taken, mark.Position), overlay);
        }
    }

    private void Reply(NodeHandle client, SignedBatch batch, PublicationOutcome outcome, IOverlay overlay) =>
        links.Send(client, new PublicationReply(batch.Group, batch.IsOrdered, batch.Author.NodeId, batch.AuthorPosition, outcome, default), overlay);
}
