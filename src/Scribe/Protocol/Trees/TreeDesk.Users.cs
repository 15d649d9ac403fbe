using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that this node's users speak to.</summary>
internal sealed partial class TreeDesk
{
    /// <summary>Makes the node a member.</summary>
    public void Join(JoinGroup join, IOverlay overlay)
    {
        if (GetOrAdd(join.Group) is not { } group)
        {
            overlay.Perform(new JoinEnded(join.Operation, join.TakesAnycasts, JoinOutcome.Full, Certificate: null));
            return;
        }

        if (group is { IsAttached: true, Certificate: { Policy.Members: GroupAudience.Invited } certificate } && overlay.Self.Id != certificate.Creator.NodeId)
        {
            EnterIfInvited(certificate, join, overlay);
        }
        else
        {
            Enter(group, join, overlay);
        }
    }

    public void Leave(LeaveGroup leave, IOverlay overlay)
    {
        if (Find(leave.Group) is { } group)
        {
            group.MemberCount = Math.Max(0, group.MemberCount - 1);
            group.TakerCount = Math.Max(0, group.TakerCount - (leave.TakesAnycasts ? 1 : 0));
            Prune(group, overlay);
        }
    }

    public void Cancel(CancelJoin join, IOverlay overlay)
    {
        if (Find(join.Group) is { } group && group.Joins.RemoveAll(pending => pending.Operation == join.Operation) > 0)
        {
            Prune(group, overlay);
        }
    }

    /// <summary>A node that is in the tree for others asks nobody whether its own users are invited but them.</summary>
    private void EnterIfInvited(GroupCertificate certificate, JoinGroup join, IOverlay overlay)
    {
        if (!IsInvitation(certificate, join.Capability))
        {
            Deny(join, overlay);
            return;
        }

        verifications.Ask(join.Capability, overlay.Now, overlay, (verdict, overlay) =>
        {
            if (verdict == Verdict.Right && GetOrAdd(join.Group) is { } group)
            {
                Enter(group, join, overlay);
            }
            else
            {
                Deny(join, overlay);
            }
        });
    }

    private void Deny(JoinGroup join, IOverlay overlay)
    {
        batches.Counters.Denied++;
        overlay.Perform(new JoinEnded(join.Operation, join.TakesAnycasts, JoinOutcome.Denied, Certificate: null));
    }

    private void Enter(GroupState group, JoinGroup join, IOverlay overlay)
    {
        group.Capability = join.Capability ?? group.Capability;
        group.History = group.History.Or(join.History);
        group.Joins.Add(new PendingJoin(join.Operation, join.TakesAnycasts, overlay.Now + options.OperationTimeout));
        _alarm.Set(overlay.Now + options.OperationTimeout, overlay);
        if (group.IsAttached)
        {
            var isFirst = !group.IsMember;
            Attached(group, overlay);
            if (isFirst)
            {
                batches.GiveHistory(group, join.History, overlay);
            }
        }
        else if (group.Joins.Count == 1 && group.Children.Count == 0)
        {
            Seek(group);
        }
    }

    private static void EndJoins(GroupState group, JoinOutcome? outcome, IOverlay overlay)
    {
        foreach (var join in group.Joins)
        {
            overlay.Perform(new JoinEnded(join.Operation, join.TakesAnycasts, outcome, outcome == JoinOutcome.Grafted ? group.Certificate : null));
        }

        group.Joins.Clear();
    }

    private static bool EndIfLate(PendingJoin join, IOverlay overlay)
    {
        if (join.Deadline > overlay.Now)
        {
            return false;
        }

        overlay.Perform(new JoinEnded(join.Operation, join.TakesAnycasts, Outcome: null, Certificate: null));
        return true;
    }
}
