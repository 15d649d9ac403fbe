using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that has a rendezvous point's state kept, and keeps that of others.</summary>
internal sealed partial class RootDesk
{
    /// <summary>How many batches are under way to a keeper.</summary>
    private const int WindowMax = 256;

    /// <summary>After what time without an answer a keeper is sent everything again.</summary>
    private static readonly TimeSpan ResendAfter = TimeSpan.FromMilliseconds(250);

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

        verifications.Ask(update.Certificate, at: null, overlay, (verdict, overlay) =>
        {
            if (verdict == Verdict.Right)
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

        if (RootClaimOperation.IsTooFar(reply.Last.Epoch, record.Last.Epoch))
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

        if (!isFetched && (IsPromisedToOther(record, from, overlay) || RootClaimOperation.IsTooFar(update.Last.Epoch, record.Last.Epoch)))
        {
            return;
        }

        if (!isFetched && !MayLead(from, record, overlay))
        {
            if (record.Role == RootRole.Root && update.Last.Epoch > record.Last.Epoch)
            {
                // There may have been two of them. Who is closer asks all who may know, and takes nobody's word for the group's state.
                StepDown(record, overlay);
                ReviewKept(record, overlay);
            }

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

    /// <summary>Tells whether a node may be a group's rendezvous point, though none has been promised that it will be: none that is closer, and lives, is known here.</summary>
    private bool MayLead(NodeHandle from, RootRecord record, IOverlay overlay) => record switch
    {
        { Role: RootRole.Root } => from.Id.IsCloserTo(record.Group.Key, overlay.Self.Id),
        { Root: { } root } when root.Id != from.Id && root.Id.IsCloserTo(record.Group.Key, from.Id) => !IsHeard(root, overlay),
        _ => true,
    };

    private static bool IsPromisedToOther(RootRecord record, NodeHandle from, IOverlay overlay) =>
        record.Promise.Until > overlay.Now && record.Promise.To != from.Id;

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
                if (keeper.SentUpTo + 1 < record.History.First)
                {
                    // What comes next for it is not kept any more: it begins anew with what is.
                    links.Send(keeper.Node, UpdateOf(record), overlay);
                }

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
                links.Send(to, new BatchMessage(ScribeMessageKind.RecordAppend, kept.Batch, kept.Position, kept.EpochStart, isReplay: false) { Age = record.History.AgeOf(number, overlay.Now) }, overlay);
            }
        }

        return last;
    }
}
