using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Decides about rendezvous points (SCRIBE §3.1, §3.4): becomes one, keeps its state with the nodes next to it, gives ordered batches their places, and
/// takes over where one is gone. An epoch begins with each new one; who has followed a later epoch takes nothing from an earlier one.
/// </summary>
internal sealed partial class RootDesk(ScribeOptions options, TreeLinks links, RememberedNodes avoided, Verifications verifications, TreeDesk trees, BatchDesk batches)
{
    /// <summary>How many groups' states a node keeps at most.</summary>
    private const int RecordsMax = 16_384;

    /// <summary>How many groups of which nothing is known here are asked after at the same time: anybody can look for any.</summary>
    private const int StrangeClaimsMax = 1024;

    /// <summary>How many nodes away from a group's id a state is still kept.</summary>
    private const int Slack = 2;

    /// <summary>For how long who decides keeps a state though others are closer, unless it is told that it does not any more.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    private readonly Dictionary<GroupId, RootRecord> _records = [];
    private readonly Dictionary<GroupId, RootClaimOperation> _claims = [];
    private readonly RememberedNodes _departed = new(TimeSpan.FromMinutes(10));
    private readonly Alarm _alarm = new(TimerTokens.Roots);

    /// <summary>How many groups' states are kept here.</summary>
    public int RecordCount => _records.Count;

    /// <summary>Of how many groups this node is about to be the rendezvous point.</summary>
    public int ClaimCount => _claims.Count;

    /// <summary>Whether the node has ever been ready: who has not does not know its neighbours.</summary>
    public bool HasBeenReady { get; set; }

    private TimeSpan PromiseTime => 2 * options.FailureTimeout;

    /// <summary>Tells whether this node is the rendezvous point of a group, or about to be.</summary>
    public bool IsActing(GroupId group) => _claims.ContainsKey(group) || (_records.TryGetValue(group, out var record) && record.Role != RootRole.Keeper);

    /// <summary>Tells whether no node that answers is closer to a group's id.</summary>
    public bool IsRootOf(GroupId group, IOverlay overlay) => HasBeenReady && ClosestTo(group, 1, overlay) is [var closest] && closest.Id == overlay.Self.Id;

    /// <summary>Finds a batch that is kept with a rendezvous point's state.</summary>
    public BatchMessage? Kept(GroupId group, ulong number) => _records.GetValueOrDefault(group)?.History.Find(number);

    /// <summary>Finds the first number from this one on, below a limit, that is kept with a rendezvous point's state; the limit where none is.</summary>
    public ulong NextKept(GroupId group, ulong from, ulong limit) => _records.GetValueOrDefault(group)?.History.NextKept(from, limit) ?? limit;

    /// <summary>The lowest number that may be kept with a rendezvous point's state.</summary>
    public ulong FirstKept(GroupId group) => _records.GetValueOrDefault(group)?.History.First ?? 1;

    /// <summary>How long ago a batch was published that is kept with a rendezvous point's state.</summary>
    public TimeSpan AgeOf(GroupId group, ulong number, Instant now) => _records.GetValueOrDefault(group)?.History.AgeOf(number, now) ?? TimeSpan.Zero;

    /// <summary>Finds the first batch that was published since then and is kept with a rendezvous point's state.</summary>
    public ulong FirstSince(GroupId group, Instant since) => _records.GetValueOrDefault(group)?.History.FirstSince(since, out _) ?? 1;

    /// <summary>Gives the state of a rendezvous point that is here.</summary>
    public RootRecord? Find(GroupId group) => _records.GetValueOrDefault(group);

    /// <summary>Becomes the rendezvous point of a group that somebody wants to join, if there is such a group.</summary>
    /// <returns>False where there is no room for another attempt now.</returns>
    public bool Assume(GroupId group, IOverlay overlay)
    {
        if (_records.TryGetValue(group, out var record) && record.Role == RootRole.Root)
        {
            Root(record, overlay);
            return true;
        }

        return Claim(group, overlay) is not null;
    }

    /// <summary>Answers who looks for the rendezvous point, now or when it is known.</summary>
    /// <returns>False where this node is none.</returns>
    public bool OnSearch(NodeHandle client, GroupId group, IOverlay overlay)
    {
        if (_records.TryGetValue(group, out var record) && record.Role == RootRole.Root)
        {
            links.Send(client, new RootFound(group, exists: true), overlay);
            return true;
        }

        if (!IsRootOf(group, overlay))
        {
            return false;
        }

        var claim = Claim(group, overlay);
        if (claim is { Searches.Count: < 256 } && !claim.Searches.Contains(client))
        {
            claim.Searches.Add(client);
        }

        return true;
    }

    public void OnCreate(NodeHandle client, CreateRequest request, IOverlay overlay)
    {
        var group = request.Certificate.Id;
        if (!IsRootOf(group, overlay))
        {
            links.Send(client, new CreateReply(request.Operation, CreateOutcome.NotRoot), overlay);
        }
        else if (_records.TryGetValue(group, out var record) && record.Role == RootRole.Root)
        {
            AnswerCreator(record, client, request, overlay);
        }
        else
        {
            verifications.Ask(request.Certificate, at: null, overlay, (verdict, overlay) =>
            {
                if (verdict == Verdict.Untried)
                {
                    return;
                }

                var isRight = verdict == Verdict.Right;
                if (!isRight || _records.Count >= RecordsMax)
                {
                    batches.Counters.Denied += isRight ? 0 : 1;
                    batches.Counters.TooManyGroups += isRight ? 1 : 0;
                    links.Send(client, new CreateReply(request.Operation, CreateOutcome.Refused), overlay);
                }
                else
                {
                    Claim(group, overlay)?.Creations.Add((client, request.Operation, request.Certificate));
                    Finish(group, overlay);
                }
            });
        }
    }

    /// <summary>The ring has changed, or somebody in it does not answer: looks who is whose rendezvous point and keeper now.</summary>
    public void Review(IOverlay overlay)
    {
        foreach (var record in _records.Values.ToArray())
        {
            switch (record.Role)
            {
                case RootRole.Root:
                    ReviewKeepers(record, overlay);
                    break;
                case RootRole.Yielding when record.Promise.Until <= overlay.Now:
                    StepDown(record, overlay);
                    goto default;
                default:
                    ReviewKept(record, overlay);
                    break;
            }
        }
    }

    /// <summary>Does what is due.</summary>
    public void Expire(IOverlay overlay)
    {
        if (!_alarm.Rings(overlay.Now))
        {
            return;
        }

        foreach (var claim in _claims.Values.ToArray())
        {
            if (claim.Deadline <= overlay.Now)
            {
                OnLate(claim, overlay);
            }
        }

        foreach (var record in _records.Values.Where(record => record.Role == RootRole.Root).ToArray())
        {
            SeeWhetherAlone(record, overlay);
            if (record.Role != RootRole.Root)
            {
                continue;
            }

            SendLacking(record, overlay);
            ReviewQuorum(record, overlay);
            Settle(record, overlay);
        }

        SetAlarm(overlay);
    }

    /// <summary>Lists the nodes closest to a group's id that answer, closest first.</summary>
    private List<NodeHandle> ClosestTo(GroupId group, int count, IOverlay overlay)
    {
        var closest = new List<NodeHandle>(count);
        foreach (var node in overlay.ReplicaSet(group.Key, count + Slack + 4))
        {
            if (closest.Count < count && (node.Id == overlay.Self.Id || !avoided.Contains(node.Id, overlay.Now)))
            {
                closest.Add(node);
            }
        }

        return closest;
    }

    /// <summary>
    /// Tells whether a node may be among those closest to a group's id. Where this node's leaf set does not reach around the id, it can't tell who else is: then any neighbour on the ring may be.
    /// </summary>
    private bool MayBeNear(NodeHandle node, GroupId group, IOverlay overlay)
    {
        var count = options.ReplicaCount + Slack + 4;
        var closest = overlay.ReplicaSet(group.Key, count);
        return closest.Any(near => near.Id == node.Id) || (closest.Count < count && overlay.NeighborSet(int.MaxValue).Any(near => near.Id == node.Id));
    }

    private void Root(RootRecord record, IOverlay overlay)
    {
        if (trees.Find(record.Group) is { Stage: not TreeStage.Root } group)
        {
            trees.OnRooted(group, record, overlay);
        }
    }

    private void AnswerCreator(RootRecord record, NodeHandle client, CreateRequest request, IOverlay overlay)
    {
        if (!record.Certificate.Equals(request.Certificate))
        {
            links.Send(client, new CreateReply(request.Operation, CreateOutcome.Exists), overlay);
            return;
        }

        // The answer to an earlier request was lost, or is under way.
        record.Creators.Add((client, request.Operation));
        Settle(record, overlay);
    }

    private void ReviewKept(RootRecord record, IOverlay overlay)
    {
        if (IsRootOf(record.Group, overlay))
        {
            Claim(record.Group, overlay);
        }
        else if (record.Role == RootRole.Keeper && !_claims.ContainsKey(record.Group)
            && !(record.Quorum.Contains(overlay.Self.Id) && overlay.Now - record.FollowedAt < KeptFor)
            && !ClosestTo(record.Group, options.ReplicaCount + Slack, overlay).Exists(node => node.Id == overlay.Self.Id))
        {
            Follow(record, root: null, overlay);
            _records.Remove(record.Group);
        }
    }

    private void ReviewKeepers(RootRecord record, IOverlay overlay)
    {
        if (overlay.ReplicaSet(record.Group.Key, 1) is [])
        {
            return;
        }

        var wanted = ClosestTo(record.Group, options.ReplicaCount, overlay).Where(node => node.Id != overlay.Self.Id).ToList();

        // Who decides is given the state until others do in its place.
        wanted.AddRange(record.Quorum.Nodes.Where(node => node.Id != overlay.Self.Id && !wanted.Exists(other => other.Id == node.Id)));
        foreach (var keeper in record.Keepers.Where(keeper => !wanted.Exists(node => node.Id == keeper.Node.Id)).ToArray())
        {
            record.Keepers.Remove(keeper);
            links.Guard(keeper.Node, isKeeper: true, -1, overlay.Now);
        }

        foreach (var node in wanted.Where(node => !record.Keepers.Exists(keeper => keeper.Node.Id == node.Id)))
        {
            var keeper = new Keeper(node);
            record.Keepers.Add(keeper);
            links.Guard(node, isKeeper: true, 1, overlay.Now);
            SendUpdate(record, keeper, overlay);
        }

        SeeWhetherAlone(record, overlay);
        if (record.Role == RootRole.Root)
        {
            ReviewQuorum(record, overlay);
            Settle(record, overlay);
        }
    }

    /// <summary>Watches whose state this node keeps.</summary>
    private void Follow(RootRecord record, NodeHandle? root, IOverlay overlay)
    {
        if (Equals(record.Root, root))
        {
            return;
        }

        if (record.Root is { } old)
        {
            links.Guard(old, isKeeper: false, -1, overlay.Now);
        }

        record.Root = root;
        if (root is not null)
        {
            links.Guard(root, isKeeper: false, 1, overlay.Now);
        }
    }

    private void SetAlarm(IOverlay overlay)
    {
        foreach (var claim in _claims.Values)
        {
            _alarm.Set(claim.Deadline, overlay);
        }

        if (_records.Values.Any(record => record.Role == RootRole.Root && (record.Pending.Count > 0 || record.Creators.Count > 0 || record.Keepers.Exists(keeper => keeper.OwesSince < Instant.Never || keeper.QuorumVersion < record.Quorum.Version))))
        {
            _alarm.Set(overlay.Now + ResendAfter, overlay);
        }
    }
}
