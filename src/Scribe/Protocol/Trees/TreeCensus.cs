namespace P2P.Scribe.Protocol;

/// <summary>Shows and counts a node's places in the trees.</summary>
internal static class TreeCensus
{
    public static ScribeSnapshot SnapshotOf(TreeDesk trees, TreeLinks links, RootDesk roots) => new()
    {
        Groups =
        [
            .. trees.Groups.OrderBy(group => group.Id).Select(group => new GroupSnapshot
            {
                Group = group.Id,
                Name = group.Certificate?.Name,
                IsRendezvousPoint = group.Stage == TreeStage.Root,
                IsAttached = group.IsAttached,
                MembershipCount = group.MemberCount,
                Parent = group.Stage == TreeStage.Grafted ? group.Parent : null,
                Depth = group.Path.Length,
                Children = [.. group.Children.Select(child => child.Node)],
                Last = group.Streams.Count == 0 ? default : group.Streams.Values.Max(stream => stream.Last),
            }),
        ],
        NeighborCount = links.All.Count(),
        RecordCount = roots.RecordCount,
    };

    /// <summary>Notes how many places there are.</summary>
    public static void Count(TreeDesk trees, ScribeCounters counters)
    {
        var (children, roots) = (0, 0);
        foreach (var group in trees.Groups)
        {
            children += group.Children.Count;
            roots += group.Stage == TreeStage.Root ? 1 : 0;
        }

        (counters.Groups, counters.Children, counters.Roots) = (trees.Groups.Count, children, roots);
    }
}
