using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Keeps this node's places in the trees (SCRIBE §3.2, §3.3): finds parents, takes children, leaves where it is not needed any more. A request goes from node
/// to node towards the group's id, and ends at the first one that is in the tree; the requests of many groups that take the same way travel together.
/// </summary>
internal sealed partial class TreeDesk(ScribeOptions options, TreeLinks links, RememberedNodes avoided, Verifications verifications, BatchDesk batches)
{
    /// <summary>How long a parent may look for its own place until its child looks for another.</summary>
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(300);

    private readonly Dictionary<GroupId, GroupState> _groups = [];
    private readonly List<GroupState> _seeking = [];
    private readonly List<(NodeHandle Parent, GroupId Group)> _leaving = [];
    private readonly Alarm _alarm = new(TimerTokens.Tree);

    /// <summary>Who decides about rendezvous points.</summary>
    public RootDesk Roots { get; set; } = null!;

    /// <summary>Who tells members of each other.</summary>
    public RosterDesk Rosters { get; set; } = null!;

    public IReadOnlyCollection<GroupState> Groups => _groups.Values;

    public GroupState? Find(GroupId group) => _groups.GetValueOrDefault(group);

    /// <summary>Finds or begins this node's place in a group.</summary>
    /// <returns>Null where it takes part in as many as it may.</returns>
    public GroupState? GetOrAdd(GroupId id)
    {
        if (!_groups.TryGetValue(id, out var group) && _groups.Count < options.GroupsMax)
        {
            _groups.Add(id, group = new GroupState(id));
        }

        return group;
    }

    /// <summary>Looks for a parent, when the present handler is done.</summary>
    public void Seek(GroupState group)
    {
        Unlink(group);
        group.Stage = TreeStage.Seeking;
        group.Deadline = Instant.Never;
        _seeking.Add(group);
    }

    /// <summary>The node has become the rendezvous point of a group.</summary>
    public void OnRooted(GroupState group, RootRecord record, IOverlay overlay)
    {
        Unlink(group);
        group.Certificate = record.Certificate;
        group.Stage = TreeStage.Root;
        group.Watch.DeniedSince = Instant.Never;
        group.Path = [];
        group.Deadline = Instant.Never;
        batches.OnRooted(group, record, overlay);
        Attached(group, overlay);
    }

    /// <summary>The node is the rendezvous point no more: it hangs below the new one, with all that hangs below it.</summary>
    public void StepDown(GroupState group, IOverlay overlay)
    {
        if (group.IsNeeded)
        {
            Seek(group);
        }
        else
        {
            Remove(group, overlay);
        }
    }

    /// <summary>Takes it that a neighbour is gone: its children are nobody's, and it is nobody's child.</summary>
    public void OnGone(NodeHandle peer, IOverlay overlay)
    {
        if (links.Find(peer.Id) is not { } link)
        {
            return;
        }

        var (parentIn, childIn) = (link.ParentIn.ToArray(), link.ChildIn.ToArray());
        if (parentIn.Length > 0)
        {
            overlay.Perform(new ParentsLost(parentIn.Length));
        }

        if (childIn.Length > 0)
        {
            overlay.Perform(new ChildrenGone(childIn.Length));
        }

        foreach (var id in parentIn)
        {
            if (Find(id) is { } group && group.Parent?.Id == peer.Id)
            {
                Seek(group);
            }
        }

        foreach (var id in childIn)
        {
            if (Find(id) is { } group)
            {
                RemoveChild(group, peer.Id, overlay);
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

        var next = Instant.Never;
        foreach (var group in _groups.Values.ToArray())
        {
            if (group.Deadline <= overlay.Now)
            {
                OnLate(group, overlay);
            }

            if (group.Joins.Count > 0 && group.Joins[0].Deadline <= overlay.Now)
            {
                group.Joins.RemoveAll(join => EndIfLate(join, overlay));
                Prune(group, overlay);
            }

            next = Earlier(next, Earlier(group.Deadline, group.Joins.Count > 0 ? group.Joins[0].Deadline : Instant.Never));
        }

        if (next < Instant.Never)
        {
            _alarm.Set(next, overlay);
        }
    }

    /// <summary>Sends what has come together while a handler ran.</summary>
    public void Flush(IOverlay overlay)
    {
        if (_leaving.Count > 0)
        {
            SendLeaves(overlay);
        }

        while (_seeking.Count > 0)
        {
            SendRequests(overlay);
        }
    }

    /// <summary>
    /// Tells children where they hang now: those that wait for it, if an invitation is needed once theirs was verified, and all others where the way to the rendezvous
    /// point has changed.
    /// </summary>
    private void Attached(GroupState group, IOverlay overlay)
    {
        var certificate = group.Certificate!;
        Child[] unjudged = certificate.Policy.Members == GroupAudience.Invited ? [.. group.Children.Where(child => child.Nonce != 0)] : [];
        for (var i = 0; i < group.Children.Count; i++)
        {
            var child = group.Children[i];
            if (unjudged.Contains(child))
            {
                continue;
            }

            group.Children[i] = child with { Nonce = 0, HasCertificate = true, HistoryAge = default, Capability = null };
            links.Send(child.Node, new JoinReply([GraftedReply(group, child, overlay)]), overlay);
        }

        group.MemberCount += group.Joins.Count;
        group.TakerCount += group.Joins.Count(join => join.TakesAnycasts);
        var isJoined = group.Joins.Count > 0;
        EndJoins(group, JoinOutcome.Grafted, overlay);
        if (isJoined)
        {
            Rosters.OnJoined(group, overlay);
        }

        if (!group.IsNeeded)
        {
            Prune(group, overlay);
        }

        foreach (var child in unjudged)
        {
            AdmitIfInvited(group, certificate, child.Node, new JoinRequest.Entry(group.Id, child.Nonce, child.HasCertificate, child.Capability, child.HistoryAge), overlay);
        }
    }

    private void OnLate(GroupState group, IOverlay overlay)
    {
        group.Deadline = Instant.Never;
        switch (group.Stage)
        {
            case TreeStage.Asked or TreeStage.Waiting when group.Parent is { } silent:
                avoided.Add(silent.Id, overlay.Now);
                Seek(group);
                break;
            case TreeStage.Seeking or TreeStage.Waiting:
                Seek(group);
                break;
            default:
                break;
        }
    }

    private void SendRequests(IOverlay overlay)
    {
        var requests = new List<(NodeHandle To, List<JoinRequest.Entry> Entries)>();
        var seeking = _seeking.ToArray();
        _seeking.Clear();
        foreach (var group in seeking)
        {
            if (group.Stage != TreeStage.Seeking || group.Deadline < Instant.Never || !_groups.ContainsKey(group.Id))
            {
                continue;
            }

            if (NextFor(group, overlay) is { } next)
            {
                Ask(group, next, overlay);
                var index = requests.FindIndex(request => request.To.Equals(next) && request.Entries.Count < JoinRequest.EntriesMax);
                if (index < 0)
                {
                    index = requests.Count;
                    requests.Add((next, []));
                }

                requests[index].Entries.Add(new JoinRequest.Entry(group.Id, group.Nonce, group.Certificate is not null, group.Capability, AgeWantedIn(group)));
            }
        }

        foreach (var (to, entries) in requests)
        {
            links.Send(to, new JoinRequest([.. entries]), overlay);
        }
    }

    private void Ask(GroupState group, NodeHandle next, IOverlay overlay)
    {
        group.Parent = next;
        group.Preferred = null;
        group.Stage = TreeStage.Asked;
        group.Nonce = (uint)overlay.NextRandom() | 1;
        group.Deadline = overlay.Now + PatienceFor(next, overlay);
        _alarm.Set(group.Deadline, overlay);
    }

    /// <summary>How old what was published before may be that somebody wants here or below: who was in the tree has it already.</summary>
    private static TimeSpan AgeWantedIn(GroupState group) =>
        group.Children.Aggregate(group.IsMember ? TimeSpan.Zero : group.History.Age, (age, child) => child.HistoryAge > age ? child.HistoryAge : age);

    private TimeSpan PatienceFor(NodeHandle node, IOverlay overlay) =>
        overlay.RoundTripTo(node) is { } roundTrip ? 3 * roundTrip + TimeSpan.FromMilliseconds(100) : options.HopTimeoutInitial;

    /// <summary>Finds whom to ask; null where nobody is to be asked now.</summary>
    private NodeHandle? NextFor(GroupState group, IOverlay overlay)
    {
        if (group.Preferred is { } preferred && preferred.Id != overlay.Self.Id && !avoided.Contains(preferred.Id, overlay.Now))
        {
            return preferred;
        }

        if (Roots.IsRootOf(group.Id, overlay))
        {
            group.Stage = TreeStage.Waiting;
            if (!Roots.Assume(group.Id, overlay))
            {
                PauseSeeking(group, overlay);
            }

            return null;
        }

        NodeHandle? last = null;
        foreach (var node in overlay.LocalLookup(group.Id.Key, 8, safe: false))
        {
            if (!avoided.Contains(node.Id, overlay.Now) && group.ChildIndex(node.Id) < 0)
            {
                if (!_distrusted.Contains(node.Id, overlay.Now))
                {
                    return node;
                }

                last ??= node;
            }
        }

        if (last is null)
        {
            PauseSeeking(group, overlay);
        }

        return last;
    }

    private void PauseSeeking(GroupState group, IOverlay overlay)
    {
        group.Stage = TreeStage.Seeking;
        group.Deadline = overlay.Now + Pause;
        _alarm.Set(group.Deadline, overlay);
    }

    private void SendLeaves(IOverlay overlay)
    {
        foreach (var leaves in _leaving.GroupBy(leave => leave.Parent).ToArray())
        {
            foreach (var groups in leaves.Select(leave => leave.Group).Chunk(LeaveNotice.GroupsMax))
            {
                links.Send(leaves.Key, new LeaveNotice(groups), overlay);
            }
        }

        _leaving.Clear();
    }

    /// <summary>Leaves the tree where neither this node nor a child needs it (SCRIBE §3.2).</summary>
    private void Prune(GroupState group, IOverlay overlay)
    {
        if (group.IsNeeded || Roots.IsActing(group.Id))
        {
            return;
        }

        Remove(group, overlay);
    }

    private void Remove(GroupState group, IOverlay overlay)
    {
        if (group.Parent is { } parent && group.Stage != TreeStage.Seeking)
        {
            _leaving.Add((parent, group.Id));
        }

        foreach (var child in group.Children)
        {
            links.Remove(child.Node.Id, group.Id, isChild: true);
        }

        Unlink(group);
        EndJoins(group, outcome: null, overlay);
        _groups.Remove(group.Id);
    }

    private void RemoveChild(GroupState group, NodeId child, IOverlay overlay)
    {
        if (group.ChildIndex(child) is >= 0 and var index)
        {
            group.Children.RemoveAt(index);
            links.Remove(child, group.Id, isChild: true);
            Prune(group, overlay);
        }
    }

    private void Unlink(GroupState group)
    {
        if (group.Parent is { } parent)
        {
            links.Remove(parent.Id, group.Id, isChild: false);
        }

        group.Parent = null;
        group.Path = [];
    }

    private static Instant Earlier(Instant left, Instant right) => left < right ? left : right;
}
