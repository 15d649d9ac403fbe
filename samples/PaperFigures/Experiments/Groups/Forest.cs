using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace PaperFigures.Experiments.Groups;

/// <summary>Is the trees of all groups of a world, as the nodes' children tables show them.</summary>
internal sealed class Forest
{
    private readonly Dictionary<GroupId, GroupTree> _trees = [];

    public Forest(VirtualGroups groups)
    {
        var hosts = groups.Overlay.Nodes.ToDictionary(node => node.Handle.Id, node => node.Host);
        TablesOf = new int[hosts.Count];
        EntriesOf = new int[hosts.Count];
        RootsAt = new int[hosts.Count];
        foreach (var node in groups.Overlay.Nodes)
        {
            foreach (var place in groups.PlacesOf(node))
            {
                if (!_trees.TryGetValue(place.Group, out var tree))
                {
                    _trees.Add(place.Group, tree = new GroupTree());
                }

                Add(tree, node.Host, place, hosts);
            }
        }
    }

    /// <summary>How many children tables the node on each host has.</summary>
    public int[] TablesOf { get; }

    /// <summary>How many entries the children tables of the node on each host have together.</summary>
    public int[] EntriesOf { get; }

    /// <summary>Of how many groups the node on each host is the rendezvous point.</summary>
    public int[] RootsAt { get; }

    public IReadOnlyCollection<GroupTree> Trees => _trees.Values;

    private void Add(GroupTree tree, int host, TreePlace place, Dictionary<NodeId, int> hosts)
    {
        if (place.IsRoot)
        {
            tree.Root = host;
            RootsAt[host]++;
        }

        if (place.IsMember)
        {
            tree.Members.Add(host);
        }

        if (place.Children.Count > 0)
        {
            tree.Children.Add(host, [.. place.Children.Select(child => hosts[child.Id])]);
            TablesOf[host]++;
            EntriesOf[host] += place.Children.Count;
        }
    }
}

/// <summary>Is the tree of one group. Nodes are the numbers of their hosts.</summary>
internal sealed class GroupTree
{
    public int Root { get; set; } = -1;

    public List<int> Members { get; } = [];

    public Dictionary<int, int[]> Children { get; } = [];

    /// <summary>Sums up how long a message takes from the root to each node of the tree: networks without queues add nothing to the delays of the hops.</summary>
    public Dictionary<int, TimeSpan> Delays(ITopology topology)
    {
        var delays = new Dictionary<int, TimeSpan> { [Root] = TimeSpan.Zero };
        var waiting = new Queue<int>([Root]);
        while (waiting.TryDequeue(out var parent))
        {
            foreach (var child in Children.GetValueOrDefault(parent) ?? [])
            {
                if (delays.TryAdd(child, delays[parent] + topology.Delay(parent, child)))
                {
                    waiting.Enqueue(child);
                }
            }
        }

        return delays;
    }
}
