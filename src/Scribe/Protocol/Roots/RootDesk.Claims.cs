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
        if (from.Id == overlay.Self.Id)
        {
            return;
        }

        if (!MayBeNear(from, group, overlay))
        {
            // Searches would not get there yet.
            links.Send(from, new RootPromise(group, claim.Nonce, isGranted: false, _records.GetValueOrDefault(group)?.Certificate, default), overlay);
            return;
        }

        var isGranted = MayClaim(from, group, record, overlay);
        var known = Math.Max(record?.KnownEpoch ?? 0, 1);
        if (isGranted && claim.Epoch > 0 && record is not null)
        {
            record.Promise = (from.Id, overlay.Now + PromiseTime);
            if (record.Role == RootRole.Root)
            {
                record.Role = RootRole.Yielding;
            }

            if (record.Vote == (claim.Epoch, from.Id) && claim.Epoch > record.Last.Epoch)
            {
                known = claim.Epoch - 1;
            }
            else if (claim.Epoch > known && !RootClaimOperation.IsTooFar(claim.Epoch, known))
            {
                record.Vote = (claim.Epoch, from.Id);
            }
        }

        var promise = new RootPromise(group, claim.Nonce, isGranted, record?.Certificate, record?.Standing ?? default)
        {
            Epoch = known,
            Quorum = record?.Quorum ?? Quorum.None,
            Line = record?.Line ?? default,
        };
        links.Send(from, promise, overlay);
    }

    public void OnPromise(NodeHandle from, RootPromise promise, IOverlay overlay)
    {
        if (!_claims.TryGetValue(promise.Group, out var claim) || claim.Nonce != promise.Nonce || claim.IsFetching || claim.IsPausing)
        {
            return;
        }

        if (promise is { IsGranted: false, Epoch: > 0 })
        {
            // Somebody closer lives, though this node did not hear from it.
            foreach (var node in overlay.ReplicaSet(promise.Group.Key, 4))
            {
                avoided.Remove(node.Id);
            }

            if (IsRootOf(claim.Group, overlay))
            {
                claim.OnRefused();
                Pause(claim, overlay);
            }
            else
            {
                GiveUp(claim, overlay);
            }
        }
        else if (claim.OnPromise(from, promise))
        {
            Finish(promise.Group, overlay);
        }
    }

    /// <summary>Notes that a node has said farewell: there will be no vote of it, and nothing that it alone has.</summary>
    public void OnDeparted(NodeHandle node, IOverlay overlay) => _departed.Add(node.Id, overlay.Now);

    /// <summary>A closer node lives, or the claim is for others: they may take over unless somebody closer is heard of.</summary>
    private bool MayClaim(NodeHandle from, GroupId group, RootRecord? record, IOverlay overlay)
    {
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

        if (_claims.Count >= StrangeClaimsMax && !_records.ContainsKey(group))
        {
            batches.Counters.TooManyGroups++;
            return null;
        }

        claim = new RootClaimOperation(group, overlay.Now);
        _claims.Add(group, claim);
        Ask(claim, isForVotes: false, overlay);
        return claim;
    }

    /// <summary>
    /// Asks those next to the group's id, and those who decide: first what they know and whether they would have it so, and for their votes only if that is a majority. Who can't have one,
    /// since the overlay has not found all nodes again after a cut, does not disturb the rendezvous point that there is.
    /// </summary>
    private void Ask(RootClaimOperation claim, bool isForVotes, IOverlay overlay)
    {
        var record = _records.GetValueOrDefault(claim.Group);
        var quorum = record is null || claim.Quorum.Version > record.Quorum.Version ? claim.Quorum : record.Quorum;
        List<NodeHandle> asked = isForVotes ? [.. claim.Granted]
            : claim.IsRepeated ? [.. overlay.ReplicaSet(claim.Group.Key, options.ReplicaCount + Slack + 4)]
            : ClosestTo(claim.Group, options.ReplicaCount + 1, overlay);

        // Those that do not answer are asked once more only if there is no majority without them.
        asked.AddRange(quorum.Nodes.Where(node => !isForVotes && !asked.Exists(other => other.Id == node.Id) && (claim.IsRepeated || !avoided.Contains(node.Id, overlay.Now))));
        asked.RemoveAll(node => node.Id == overlay.Self.Id);
        claim.Begin((uint)overlay.NextRandom() | 1, isForVotes, asked, record?.KnownEpoch ?? 0, asked.Count == 0 ? overlay.Now : overlay.Now + options.HopTimeoutInitial);
        foreach (var node in asked)
        {
            links.Send(node, new RootClaim(claim.Group, claim.Nonce, claim.Epoch), overlay);
        }

        _alarm.Set(claim.Deadline, overlay);
    }

    /// <summary>Somebody closer is to be the rendezvous point.</summary>
    private void GiveUp(RootClaimOperation claim, IOverlay overlay)
    {
        _claims.Remove(claim.Group);
        if (trees.Find(claim.Group) is { Stage: TreeStage.Waiting, Parent: null } group)
        {
            trees.StepDown(group, overlay);
        }
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
                claim.DropBest();
                Conclude(claim, overlay);
            }
        }
        else if (!claim.IsPausing)
        {
            foreach (var node in claim.Silent)
            {
                avoided.Add(node.Id, overlay.Now);
            }

            Conclude(claim, overlay);
        }
        else if (IsRootOf(claim.Group, overlay))
        {
            Ask(claim, isForVotes: false, overlay);
        }
        else
        {
            GiveUp(claim, overlay);
        }
    }

    /// <summary>Goes on with a claim whose answers are all in.</summary>
    private void Finish(GroupId group, IOverlay overlay)
    {
        if (_claims.TryGetValue(group, out var claim) && claim is { Silent.Count: 0, IsFetching: false, IsPausing: false })
        {
            Conclude(claim, overlay);
        }
    }

    private void Conclude(RootClaimOperation claim, IOverlay overlay)
    {
        var own = _records.GetValueOrDefault(claim.Group);
        var decision = claim.Decide(own, overlay.Self.Id, node => _departed.Contains(node, overlay.Now), overlay.Now, PatienceOf);
        switch (decision)
        {
            case ClaimDecision.Vote:
                Ask(claim, isForVotes: true, overlay);
                break;
            case ClaimDecision.Wait:
                Pause(claim, overlay);
                if (claim.Known is { } other && trees.Find(claim.Group) is { Stage: TreeStage.Waiting, Parent: null, IsNeeded: true } group)
                {
                    // Meanwhile members here hang below the one that there is.
                    trees.Seek(group);
                    group.Preferred = other;
                }

                break;
            default:
                if (claim.Best is { } best)
                {
                    FetchFrom(best, claim, overlay);
                }
                else
                {
                    Promote(claim, overlay);
                }

                break;
        }
    }

    /// <summary>Asks again in a while.</summary>
    private void Pause(RootClaimOperation claim, IOverlay overlay)
    {
        claim.IsPausing = claim.IsRepeated = true;
        claim.Deadline = overlay.Now + options.HopTimeoutInitial;
        _alarm.Set(claim.Deadline, overlay);
    }

    private void FetchFrom(RootClaimOperation.Answer best, RootClaimOperation claim, IOverlay overlay)
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

    /// <summary>
    /// For how long a majority is awaited. A cut mends, or the overlay's nodes find each other again, in less than that, and nothing is lost; who has lost most of those who decide for good
    /// stands still as long. Two are most often two in all, of which one was switched off: as long as it takes to know that.
    /// </summary>
    private TimeSpan PatienceOf(Quorum quorum) => quorum.Nodes.Length <= 2 ? options.FailureTimeout : 8 * options.FailureTimeout;

    private void GoOnFetching(RootClaimOperation claim, RootRecord record, IOverlay overlay)
    {
        if (!claim.IsFollowing)
        {
            return;
        }

        if (record.Standing >= claim.Best!.Value.Standing)
        {
            Promote(claim, overlay);
        }
        else if (record.Last.Number + 1 < claim.FetchedFrom)
        {
            // What was here beyond is not what became of the group.
            Fetch(claim, overlay);
        }
    }

    private void Fetch(RootClaimOperation claim, IOverlay overlay)
    {
        claim.Deadline = overlay.Now + options.HopTimeoutInitial;
        _alarm.Set(claim.Deadline, overlay);
        claim.FetchedFrom = _records[claim.Group].Last.Number + 1;
        links.Send(claim.Best!.Value.Node, new RecordRequest(claim.Group, claim.FetchedFrom), overlay);
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

        if (record.KnownEpoch >= claim.Epoch)
        {
            // This node has followed or promised another meanwhile.
            _claims.Add(claim.Group, claim);
            Ask(claim, isForVotes: true, overlay);
            return;
        }

        Follow(record, root: null, overlay);
        var epoch = claim.Epoch;
        record.Role = RootRole.Root;
        record.BeginEpoch(epoch, overlay.Self.Id, claim.IsBreak, claim.NodesOf(overlay.Self, options.ReplicaCount));
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
}
