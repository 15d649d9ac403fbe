using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that takes over where a rendezvous point is gone, or farther from the group's id than this node.</summary>
internal sealed partial class RootDesk
{
    /// <summary>How often what is lacking is asked for without getting any further.</summary>
    private const int FetchAttemptsMax = 4;

    public void OnClaim(NodeHandle from, RootClaim claim, IOverlay overlay)
    {
        var group = claim.Group;
        var record = _records.GetValueOrDefault(group);
        var isGranted = MayClaim(from, group, record, overlay);
        if (isGranted && record is not null)
        {
            record.Promise = (from.Id, overlay.Now + PromiseTime);
            if (record.Role == RootRole.Root)
            {
                record.Role = RootRole.Yielding;
            }
        }

        links.Send(from, new RootPromise(group, claim.Nonce, isGranted, record?.Certificate, record?.Last ?? default), overlay);
    }

    public void OnPromise(NodeHandle from, RootPromise promise, IOverlay overlay)
    {
        if (!_claims.TryGetValue(promise.Group, out var claim) || claim.Nonce != promise.Nonce || claim.IsFetching)
        {
            return;
        }

        if (!promise.IsGranted)
        {
            // Somebody closer lives, though this node did not hear from it.
            foreach (var node in overlay.ReplicaSet(promise.Group.Key, 4))
            {
                avoided.Remove(node.Id);
            }

            _claims.Remove(promise.Group);
            SeekAgain(promise.Group);
        }
        else if (claim.OnPromise(from, promise))
        {
            Finish(promise.Group, overlay);
        }
    }

    /// <summary>A closer node lives, or the claim is for others: they may take over unless somebody closer is heard of.</summary>
    private bool MayClaim(NodeHandle from, GroupId group, RootRecord? record, IOverlay overlay)
    {
        if (from.Id == overlay.Self.Id || !overlay.ReplicaSet(group.Key, options.ReplicaCount + Slack + 4).Any(node => node.Id == from.Id))
        {
            return false;
        }

        if (record is not null && record.Promise.Until > overlay.Now && record.Promise.To != from.Id && record.Promise.To.IsCloserTo(group.Key, from.Id))
        {
            return false;
        }

        return record switch
        {
            { Role: RootRole.Root } => from.Id.IsCloserTo(group.Key, overlay.Self.Id),
            { Root: { } root } when root.Id != from.Id && root.Id.IsCloserTo(group.Key, from.Id) => !IsHeard(root, overlay),
            _ => true,
        };
    }

    private bool IsHeard(NodeHandle root, IOverlay overlay) =>
        !avoided.Contains(root.Id, overlay.Now) && links.Find(root.Id) is { } link && overlay.Now - link.HeardAt <= options.FailureTimeout;

    private RootClaimOperation? Claim(GroupId group, IOverlay overlay)
    {
        if (_claims.TryGetValue(group, out var claim))
        {
            return claim;
        }

        var asked = ClosestTo(group, options.ReplicaCount + 1, overlay).Where(node => node.Id != overlay.Self.Id).ToArray();
        claim = new RootClaimOperation(group, (uint)overlay.NextRandom() | 1, asked, overlay.Now + options.HopTimeoutInitial);
        _claims.Add(group, claim);
        foreach (var node in asked)
        {
            links.Send(node, new RootClaim(group, claim.Nonce), overlay);
        }

        _alarm.Set(asked.Length == 0 ? overlay.Now : claim.Deadline, overlay);
        if (asked.Length == 0)
        {
            claim.Deadline = overlay.Now;
        }

        return claim;
    }

    private void OnLate(RootClaimOperation claim, IOverlay overlay)
    {
        if (claim.IsFetching)
        {
            if (++claim.Attempts < FetchAttemptsMax)
            {
                Fetch(claim, overlay);
            }
            else
            {
                // Better an epoch that begins before batches that one node alone has, if it has them, than none at all.
                claim.DropBest();
                Conclude(claim, overlay);
            }

            return;
        }

        foreach (var node in claim.Silent)
        {
            avoided.Add(node.Id, overlay.Now);
        }

        Conclude(claim, overlay);
    }

    /// <summary>Goes on with a claim whose answers are all in.</summary>
    private void Finish(GroupId group, IOverlay overlay)
    {
        if (_claims.TryGetValue(group, out var claim) && claim is { Silent.Count: 0, IsFetching: false })
        {
            Conclude(claim, overlay);
        }
    }

    private void Conclude(RootClaimOperation claim, IOverlay overlay)
    {
        var own = _records.GetValueOrDefault(claim.Group);
        claim.Choose(own?.Last.Epoch ?? 0);
        if (claim.Best is { } best && (own is null || best.Last > own.Last))
        {
            claim.IsFetching = true;
            verifications.Ask(best.Certificate, at: null, overlay, (verdict, overlay) =>
            {
                switch (verdict)
                {
                    case Verdict.Right:
                        GetOrAddRecord(best.Certificate);
                        Fetch(claim, overlay);
                        break;
                    case Verdict.Untried:
                        claim.IsFetching = false;
                        claim.Deadline = overlay.Now + options.HopTimeoutInitial;
                        _alarm.Set(claim.Deadline, overlay);
                        break;
                    default:
                        claim.DropBest();
                        Conclude(claim, overlay);
                        break;
                }
            });
        }
        else
        {
            Promote(claim, overlay);
        }
    }

    private void Fetch(RootClaimOperation claim, IOverlay overlay)
    {
        claim.Deadline = overlay.Now + options.HopTimeoutInitial;
        _alarm.Set(claim.Deadline, overlay);
        links.Send(claim.Best!.Value.Node, new RecordRequest(claim.Group, _records[claim.Group].Last.Number + 1), overlay);
    }

    private RootRecord GetOrAddRecord(GroupCertificate certificate)
    {
        if (!_records.TryGetValue(certificate.Id, out var record))
        {
            _records.Add(certificate.Id, record = new RootRecord(certificate));
        }

        return record;
    }

    /// <summary>Becomes the rendezvous point with what there is; where that is nothing, there is no such group, unless it is to begin now.</summary>
    private void Promote(RootClaimOperation claim, IOverlay overlay)
    {
        _claims.Remove(claim.Group);
        var record = _records.GetValueOrDefault(claim.Group) ?? (claim.Creations.Count > 0 ? GetOrAddRecord(claim.Creations[0].Certificate) : null);
        if (record is null)
        {
            foreach (var client in claim.Searches)
            {
                links.Send(client, new RootFound(claim.Group, exists: false), overlay);
            }

            if (trees.Find(claim.Group) is { } none)
            {
                trees.OnDenied(none, JoinOutcome.NotFound, isCutOff: !claim.IsAnswered, overlay);
            }

            return;
        }

        Follow(record, root: null, overlay);
        var epoch = Math.Max(record.Last.Epoch, claim.EpochMax) + 1;
        record.Role = RootRole.Root;
        record.BeginEpoch(epoch);
        overlay.Perform(new RootBegan(record.Group, epoch));
        record.Keepers.Clear();
        ReviewKeepers(record, overlay);
        trees.GetOrAdd(record.Group);
        Root(record, overlay);
        foreach (var (client, operation, certificate) in claim.Creations)
        {
            AnswerCreator(record, client, new CreateRequest(operation, certificate), overlay);
        }

        foreach (var client in claim.Searches)
        {
            links.Send(client, new RootFound(claim.Group, exists: true), overlay);
        }
    }

    private void SeekAgain(GroupId id)
    {
        if (trees.Find(id) is { IsNeeded: true } group)
        {
            trees.Seek(group);
        }
    }
}
