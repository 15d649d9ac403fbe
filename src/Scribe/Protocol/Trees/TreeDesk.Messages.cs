using System.Diagnostics.CodeAnalysis;
using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that neighbours speak to.</summary>
internal sealed partial class TreeDesk
{
    public void OnRequest(NodeHandle from, JoinRequest request, IOverlay overlay)
    {
        var replies = new List<JoinReply.Entry>(request.Entries.Length);
        foreach (var entry in request.Entries)
        {
            if (entry.Nonce != 0 && Admit(from, entry, overlay) is { } reply)
            {
                replies.Add(reply);
            }
        }

        Reply(from, replies, overlay);
    }

    public void OnReply(NodeHandle from, JoinReply reply, IOverlay overlay)
    {
        foreach (var entry in reply.Entries)
        {
            if (Find(entry.Group) is { Stage: TreeStage.Asked or TreeStage.Waiting or TreeStage.Grafted } group
                && from.Equals(group.Parent) && (entry.Nonce == group.Nonce || (entry.Nonce == 0 && group.Stage != TreeStage.Asked)))
            {
                OnReply(group, entry, overlay);
            }
        }
    }

    public void OnLeave(NodeHandle from, LeaveNotice notice, IOverlay overlay)
    {
        foreach (var id in notice.Groups)
        {
            if (Find(id) is { } group)
            {
                RemoveChild(group, from.Id, overlay);
            }
        }
    }

    /// <summary>Compares the groups that a parent takes this node for its child in with those that this node knows of.</summary>
    public void OnHeartbeat(NodeHandle from, Heartbeat heartbeat, IOverlay overlay)
    {
        if (links.Find(from.Id) is not { } link)
        {
            if (heartbeat.GroupCount > 0 && !_groups.Values.Any(group => from.Equals(group.Parent)))
            {
                Report(from, [], overlay);
            }

            return;
        }

        if (heartbeat.GroupCount == link.ParentIn.Count && heartbeat.GroupHash == link.ParentIn.Hash)
        {
            link.Mismatches = 0;
        }
        else if (++link.Mismatches >= 2)
        {
            // One may have crossed a request or a farewell.
            link.Mismatches = 0;
            Report(from, link.ParentIn.ToArray(), overlay);
        }
    }

    /// <summary>Sets right who is whose child.</summary>
    public void OnReport(NodeHandle from, LinkReport report, IOverlay overlay)
    {
        var replies = new List<JoinReply.Entry>();
        foreach (var id in report.Groups)
        {
            if (Find(id) is not { IsAttached: true } group || group.ChildIndex(from.Id) < 0)
            {
                replies.Add(JoinReply.Entry.Of(id, nonce: 0, JoinOutcome.Gone));
            }
        }

        Reply(from, replies, overlay);
        if (links.Find(from.Id) is { } link)
        {
            foreach (var id in link.ChildIn.ToArray())
            {
                if (id >= report.From && id <= report.To && !report.Groups.Contains(id) && Find(id) is { } group)
                {
                    RemoveChild(group, from.Id, overlay);
                }
            }
        }
    }

    private void Report(NodeHandle parent, GroupId[] groups, IOverlay overlay)
    {
        var from = GroupId.FromBytes(new byte[GroupId.ByteLength]);
        for (var start = 0; ; start += LinkReport.GroupsMax)
        {
            var part = groups.Skip(start).Take(LinkReport.GroupsMax).ToArray();
            var isLast = start + part.Length >= groups.Length;
            var to = isLast ? new GroupId(new NodeId(UInt128.MaxValue)) : part[^1];
            links.Send(parent, new LinkReport(from, to, part), overlay);
            if (isLast)
            {
                return;
            }

            from = new GroupId(new NodeId(to.Key.Value + 1));
        }
    }

    /// <summary>Takes a child, or says why not.</summary>
    /// <returns>The answer; null where it follows later.</returns>
    private JoinReply.Entry? Admit(NodeHandle from, in JoinRequest.Entry entry, IOverlay overlay)
    {
        if (!MayBegin(entry.Group, from) || GetOrAdd(entry.Group) is not { } group)
        {
            batches.Counters.TooManyGroups++;
            return JoinReply.Entry.Of(entry.Group, entry.Nonce, JoinOutcome.Gone);
        }

        if (group.Path.Contains(GroupState.Shorten(from.Id)) || !MayGoBelow(group, from, overlay))
        {
            return JoinReply.Entry.Of(entry.Group, entry.Nonce, JoinOutcome.Loop);
        }

        if (group.Certificate is { Policy.Members: GroupAudience.Invited } certificate)
        {
            AdmitIfInvited(group, certificate, from, entry, overlay);
            return null;
        }

        return Take(group, from, entry, overlay);
    }

    /// <summary>
    /// Whoever is alone may have half of the trees that this node takes part in. The more there are the less each gets beyond: a new one only while it has fewer than there is room for, so that
    /// nobody leaves the others none.
    /// </summary>
    private bool MayBegin(GroupId group, NodeHandle child) =>
        _groups.ContainsKey(group) || links.Find(child.Id) is not { } link || link.ChildIn.Count < options.GroupsMax - _groups.Count;

    private JoinReply.Entry Take(GroupState group, NodeHandle from, in JoinRequest.Entry entry, IOverlay overlay)
    {
        var index = group.ChildIndex(from.Id);
        if (index < 0 && group.Children.Count >= options.ChildrenMax)
        {
            return JoinReply.Entry.Of(group.Id, entry.Nonce, JoinOutcome.Full) with { Others = OthersFor(group, overlay) };
        }

        var isFirst = !group.IsNeeded;
        var child = new Child(from, group.IsAttached ? 0 : entry.Nonce, entry.HasCertificate, entry.HistoryAge, group.IsAttached ? null : entry.Capability);
        if (index < 0)
        {
            group.Children.Add(child);
        }
        else
        {
            group.Children[index] = child;
        }

        links.AddChild(from, group.Id, overlay.Now);
        if (group.IsAttached)
        {
            return GraftedReply(group, child with { Nonce = entry.Nonce }, overlay);
        }

        group.Capability ??= entry.Capability;
        if (isFirst)
        {
            Seek(group);
        }

        return JoinReply.Entry.Of(group.Id, entry.Nonce, JoinOutcome.Waiting);
    }

    private void AdmitIfInvited(GroupState group, GroupCertificate certificate, NodeHandle from, JoinRequest.Entry entry, IOverlay overlay)
    {
        if (!IsInvitation(certificate, entry.Capability))
        {
            // The creator needs none.
            var isCreator = from.Id == certificate.Creator.NodeId;
            Reply(from, [isCreator ? Take(group, from, entry, overlay) : Deny(group, from, entry, overlay)], overlay);
            return;
        }

        verifications.Ask(entry.Capability, overlay.Now, overlay, (verdict, overlay) =>
        {
            if (Find(entry.Group) is { } group)
            {
                var reply = verdict switch
                {
                    Verdict.Right => Take(group, from, entry, overlay),
                    Verdict.Untried => JoinReply.Entry.Of(entry.Group, entry.Nonce, JoinOutcome.Gone),
                    _ => Deny(group, from, entry, overlay),
                };
                Reply(from, [reply], overlay);
            }
        });
    }

    /// <summary>Tells whether a capability lets somebody join, if its creator has signed it and it has not expired.</summary>
    private static bool IsInvitation(GroupCertificate certificate, [NotNullWhen(true)] GroupCapability? capability) =>
        capability is not null && capability.Group == certificate.Id && capability.Creator.Equals(certificate.Creator) && capability.Rights.HasFlag(GroupRights.Join);

    private JoinReply.Entry Deny(GroupState group, NodeHandle from, in JoinRequest.Entry entry, IOverlay overlay)
    {
        batches.Counters.Denied++;
        RemoveChild(group, from.Id, overlay);
        return JoinReply.Entry.Of(entry.Group, entry.Nonce, JoinOutcome.Denied);
    }

    /// <summary>Two nodes that wait for each other would wait for ever: the one closer to the group's id stays above.</summary>
    private bool MayGoBelow(GroupState group, NodeHandle child, IOverlay overlay)
    {
        if (group.Parent?.Id != child.Id || group.Stage is TreeStage.Seeking or TreeStage.Root)
        {
            return true;
        }

        if (group.Stage == TreeStage.Grafted || !overlay.Self.Id.IsCloserTo(group.Id.Key, child.Id))
        {
            return false;
        }

        Seek(group);
        return true;
    }

    private void OnReply(GroupState group, JoinReply.Entry entry, IOverlay overlay)
    {
        switch (entry.Outcome)
        {
            case JoinOutcome.Grafted when group.Certificate is null && entry.Certificate is { } certificate:
                var nonce = group.Nonce;
                verifications.Ask(certificate, at: null, overlay, (verdict, overlay) =>
                {
                    if (verdict == Verdict.Right && certificate.Id == group.Id && group.Nonce == nonce && Find(group.Id) == group)
                    {
                        group.Certificate ??= certificate;
                        OnGrafted(group, entry, overlay);
                    }
                });
                break;
            case JoinOutcome.Grafted when group.Certificate is not null:
                OnGrafted(group, entry, overlay);
                break;
            case JoinOutcome.Waiting when group.Stage == TreeStage.Asked:
                group.Stage = TreeStage.Waiting;
                group.Deadline = overlay.Now + WaitMax;
                links.AddParent(group.Parent!, group.Id, overlay.Now);
                break;
            case JoinOutcome.Full when PickOther(group, entry.Others, overlay) is { } other:
                Seek(group);
                group.Preferred = other;
                break;
            case JoinOutcome.NotFound or JoinOutcome.Denied when group.Stage != TreeStage.Grafted:
                OnDenied(group, entry.Outcome, isCutOff: false, overlay);
                break;
            case JoinOutcome.Gone when entry.Nonce == 0:
                Seek(group);
                break;
            default:
                avoided.Add(group.Parent!.Id, overlay.Now);
                Seek(group);
                break;
        }
    }

    private void OnGrafted(GroupState group, JoinReply.Entry entry, IOverlay overlay)
    {
        ulong[] path = [GroupState.Shorten(group.Parent!.Id), .. entry.Path];
        if (path.Length > JoinReply.PathMax || entry.Path.Contains(GroupState.Shorten(overlay.Self.Id)) || IsRefused(group, entry, overlay))
        {
            _leaving.Add((group.Parent, group.Id));
            avoided.Add(group.Parent.Id, overlay.Now);
            Seek(group);
            return;
        }

        var isNew = group.Stage != TreeStage.Grafted || !path.AsSpan().SequenceEqual(group.Path);
        if (group.Stage != TreeStage.Grafted)
        {
            group.Watch.BeginWithParent(overlay.Now);
        }

        group.Watch.RefusedCount = 0;
        group.Watch.DeniedSince = Instant.Never;
        group.Stage = TreeStage.Grafted;
        group.Path = path;
        group.Deadline = Instant.Never;
        links.AddParent(group.Parent, group.Id, overlay.Now);
        batches.OnGrafted(group, entry.Streams, entry.Since, overlay);
        if (isNew)
        {
            overlay.Perform(new Grafted(group.Id, group.Parent, path.Length));
            Attached(group, overlay);
        }
    }

    /// <summary>There is nothing to hang below: whoever waits is told.</summary>
    public void Fail(GroupState group, JoinOutcome outcome, IOverlay overlay)
    {
        foreach (var child in group.Children)
        {
            links.Send(child.Node, new JoinReply([JoinReply.Entry.Of(group.Id, child.Nonce, outcome)]), overlay);
        }

        EndJoins(group, outcome, overlay);
        if (group.IsMember)
        {
            overlay.Perform(new MembershipsEnded(group.Id, outcome == JoinOutcome.Denied ? MembershipEnd.NotInvited : MembershipEnd.GroupLost));
        }

        group.MemberCount = group.TakerCount = 0;
        Remove(group, overlay);
    }

    private JoinReply.Entry GraftedReply(GroupState group, in Child child, IOverlay overlay)
    {
        var streams = BatchDesk.DigestsOf(group);
        return new(group.Id, child.Nonce, JoinOutcome.Grafted, child.HasCertificate ? null : group.Certificate, group.Path, streams, [])
        {
            Since = batches.SinceOf(group, streams, child.HistoryAge, overlay),
        };
    }

    private static NodeHandle[] OthersFor(GroupState group, IOverlay overlay)
    {
        var start = (int)(overlay.NextRandom() % (ulong)group.Children.Count);
        return [.. Enumerable.Range(0, Math.Min(JoinReply.OthersMax, group.Children.Count)).Select(i => group.Children[(start + i) % group.Children.Count].Node)];
    }

    private NodeHandle? PickOther(GroupState group, NodeHandle[] others, IOverlay overlay)
    {
        NodeHandle[] useful = [.. others.Where(node =>
            node.Id != overlay.Self.Id && !avoided.Contains(node.Id, overlay.Now) && !_distrusted.Contains(node.Id, overlay.Now) && group.ChildIndex(node.Id) < 0)];
        return useful.Length == 0 ? null : useful[overlay.NextRandom() % (ulong)useful.Length];
    }

    private void Reply(NodeHandle to, List<JoinReply.Entry> entries, IOverlay overlay)
    {
        var part = new List<JoinReply.Entry>();
        var length = 0;
        foreach (var entry in entries)
        {
            if (part.Count == JoinReply.EntriesMax || (part.Count > 0 && length + entry.LengthMax > JoinReply.BytesMax))
            {
                links.Send(to, new JoinReply([.. part]), overlay);
                part.Clear();
                length = 0;
            }

            part.Add(entry);
            length += entry.LengthMax;
        }

        if (part.Count > 0)
        {
            links.Send(to, new JoinReply([.. part]), overlay);
        }
    }
}
