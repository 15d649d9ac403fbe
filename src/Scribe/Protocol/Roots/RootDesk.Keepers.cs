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
        if (!isFetched && _records.GetValueOrDefault(group)?.Quorum.Contains(from.Id) != true
            && !MayBeNear(from, group, overlay))
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
        if (!isFetched && (!from.Equals(record.Root) || IsPromisedToOther(record, from, overlay) || record.Vote.Epoch > record.Last.Epoch))
        {
            return;
        }

        if (!record.Fits(message.Position))
        {
            return;
        }

        var before = record.Last.Number;
        record.Keep(message, overlay.Now);
        if (!isFetched)
        {
            record.FollowedAt = overlay.Now;
            Reply(from, record, record.Last, overlay);
        }
        else
        {
            claim!.Attempts = record.Last.Number > before ? 0 : claim.Attempts;
            GoOnFetching(claim, record, overlay);
        }
    }

    public void OnRecordReply(NodeHandle from, RecordReply reply, IOverlay overlay)
    {
        if (_records.GetValueOrDefault(reply.Group) is not { Role: RootRole.Root } record || record.Keepers.Find(keeper => keeper.Node.Id == from.Id) is not { } keeper)
        {
            return;
        }

        if (RootClaimOperation.IsTooFar(reply.Last.Epoch, record.Last.Epoch))
        {
            return;
        }

        if (reply.Last.Epoch > record.Last.Epoch || (reply.Last.Epoch > 0 && reply.Line.IsBefore(record.Line)))
        {
            StepDown(record, overlay);
            ReviewKept(record, overlay);
            return;
        }

        var isNews = reply.QuorumVersion > keeper.QuorumVersion;
        if (reply.Last > keeper.Acknowledged)
        {
            isNews |= keeper.Acknowledged.Epoch != record.Last.Epoch;
            if (keeper.Acknowledged.Epoch != record.Last.Epoch)
            {
                keeper.SentUpTo = reply.Last.Number;
            }

            keeper.Acknowledged = reply.Last;
            keeper.OwesSince = reply.Last.Number < keeper.SentUpTo ? overlay.Now : Instant.Never;
        }

        keeper.Counts = true;
        if (isNews)
        {
            keeper.QuorumVersion = reply.QuorumVersion;
            ReviewQuorum(record, overlay);
        }

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
        if (isFetched)
        {
            if (_claims.TryGetValue(record.Group, out var claim) && claim.IsFetching)
            {
                record.Follow(update);
                claim.IsFollowing = true;
                GoOnFetching(claim, record, overlay);
            }
        }
        else if (MayFollow(from, update, record, overlay))
        {
            if (record.Role != RootRole.Keeper)
            {
                StepDown(record, overlay);
            }

            record.Follow(update);
            record.FollowedAt = overlay.Now;
            Follow(record, from, overlay);
            Reply(from, record, record.Last, overlay);
            ReviewKept(record, overlay);
        }
    }

    /// <summary>Tells whether a rendezvous point is to be followed; if not, it is told why where it has to know.</summary>
    private bool MayFollow(NodeHandle from, RecordUpdate update, RootRecord record, IOverlay overlay)
    {
        var isRoot = record.Role == RootRole.Root;
        var isLost = record.Last.Epoch > 0 && record.Line.IsBefore(update.Line) && record.Vote != (update.Last.Epoch, from.Id);
        if (update.Last.Epoch < record.Last.Epoch || isLost)
        {
            Reply(from, record, record.Last, overlay);
            if (isRoot && (isLost ? update.Last.Epoch > record.Last.Epoch : update.Line.IsBefore(record.Line)))
            {
                // Of two lines one goes on, behind the last epoch of both: who is closest asks all who may know.
                StepDown(record, overlay);
                ReviewKept(record, overlay);
            }

            return false;
        }

        if (IsPromisedToOther(record, from, overlay) || RootClaimOperation.IsTooFar(update.Last.Epoch, record.KnownEpoch))
        {
            return false;
        }

        if (update.Last.Epoch < record.Vote.Epoch || (update.Last.Epoch == record.Vote.Epoch && update.Last.Epoch > record.Last.Epoch && record.Vote.For != from.Id))
        {
            // Another one was to begin that epoch. If it has not, there has to be one behind it.
            Reply(from, record, new GroupPosition(record.Vote.Epoch + (update.Last.Epoch == record.Vote.Epoch ? 1U : 0U), 0), overlay);
            return false;
        }

        if (!MayLead(from, record, overlay))
        {
            if (isRoot && update.Last.Epoch > record.Last.Epoch)
            {
                // There may have been two of them. Who is closer asks all who may know, and takes nobody's word for the group's state.
                StepDown(record, overlay);
                ReviewKept(record, overlay);
            }

            return false;
        }

        if (update.Last.Epoch == record.Last.Epoch && (isRoot || !record.IsOfSameEpoch(update)))
        {
            // Nobody follows two in the same epoch.
            Reply(from, record, new GroupPosition(record.Last.Epoch + 1, 0), overlay);
            return false;
        }

        return true;
    }

    private void Reply(NodeHandle to, RootRecord record, GroupPosition last, IOverlay overlay) =>
        links.Send(to, new RecordReply(record.Group, last) { QuorumVersion = record.Quorum.Version, Line = record.Line }, overlay);

    /// <summary>Tells whether a node may be a group's rendezvous point, though none has been promised that it will be: none that is closer, and lives, is known here.</summary>
    private bool MayLead(NodeHandle from, RootRecord record, IOverlay overlay) => record switch
    {
        { Role: RootRole.Root } => from.Id.IsCloserTo(record.Group.Key, overlay.Self.Id),
        { Root: { } root } when root.Id != from.Id && root.Id.IsCloserTo(record.Group.Key, from.Id) => !IsHeard(root, overlay),
        _ => true,
    };

    private static bool IsPromisedToOther(RootRecord record, NodeHandle from, IOverlay overlay) =>
        record.Promise.Until > overlay.Now && record.Promise.To != from.Id;

    private static RecordUpdate UpdateOf(RootRecord record, bool withAuthors = true) =>
        new(record.Certificate, record.Last, record.EpochStart, record.History.First, withAuthors ? [.. record.Authors] : [])
        {
            Quorum = record.Quorum,
            Line = record.Line,
            Epochs = [.. record.Epochs],
            ForgottenEpoch = record.ForgottenEpoch,
        };

    private void SendUpdate(RootRecord record, Keeper keeper, IOverlay overlay)
    {
        keeper.OwesSince = keeper.ToldAt = overlay.Now;
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
                if (overlay.Now - keeper.OwesSince >= (keeper.Counts ? ResendAfter : options.FailureTimeout))
                {
                    SendUpdate(record, keeper, overlay);
                }

                continue;
            }

            if (keeper.QuorumVersion < record.Quorum.Version && overlay.Now - keeper.ToldAt >= ResendAfter)
            {
                TellQuorum(record, keeper, overlay);
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
