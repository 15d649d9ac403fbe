using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that goes around parents that do not pass on what they should.</summary>
internal sealed partial class TreeDesk
{
    /// <summary>How many parents are refused because their way up leads over one that was left: they will leave that one themselves.</summary>
    private const int RefusedMax = 3;

    private readonly RememberedNodes _distrusted = new(TimeSpan.FromMinutes(5));

    /// <summary>Leaves a parent that does not pass on what it should, and looks for another.</summary>
    public void LeaveParent(GroupState group, IOverlay overlay)
    {
        if (group is { Stage: TreeStage.Grafted, Parent: { } parent })
        {
            _distrusted.Add(parent.Id, overlay.Now);
            overlay.Perform(new ParentDistrusted(group.Id, parent));
            _leaving.Add((parent, group.Id));
            Seek(group);
        }
    }

    /// <summary>
    /// Somebody says that there is no group, or no place in it, or this node finds itself next to the group's id and knows of none. Who was in it takes that for a lie, or
    /// for the word of one who was lied to, or for being cut off, and goes on looking, until it has heard nothing else for as long as joining may take.
    /// </summary>
    public void OnDenied(GroupState group, JoinOutcome outcome, bool isCutOff, IOverlay overlay)
    {
        if (isCutOff || !overlay.IsReady || overlay.Now < group.Watch.DeniedSince)
        {
            group.Watch.DeniedSince = overlay.Now;
        }

        if (!group.IsMember || overlay.Now - group.Watch.DeniedSince >= options.OperationTimeout)
        {
            Fail(group, outcome, overlay);
            return;
        }

        if (group.Parent is { } parent)
        {
            _distrusted.Add(parent.Id, overlay.Now);
        }

        Seek(group);
        PauseSeeking(group, overlay);
    }

    private bool IsRefused(GroupState group, JoinReply.Entry entry, IOverlay overlay)
    {
        if (group.Watch.RefusedCount >= RefusedMax || !_distrusted.IsAnyOn(entry.Path, overlay.Now))
        {
            return false;
        }

        group.Watch.RefusedCount++;
        return true;
    }
}
