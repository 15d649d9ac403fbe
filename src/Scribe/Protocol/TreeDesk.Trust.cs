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
