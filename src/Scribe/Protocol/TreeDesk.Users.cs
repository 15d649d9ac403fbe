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
