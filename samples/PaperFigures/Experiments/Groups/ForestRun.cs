using System.Diagnostics;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace PaperFigures.Experiments.Groups;

/// <summary>Lets groups of Zipf-like sizes form by the protocol, sends a message to each, and measures the trees.</summary>
internal static class ForestRun
{
    private const int JoinsPerSecond = 5_000;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    /// <summary>Gives the size of the group of a rank, as in the paper; not less than its smallest, so that smaller rings have groups as well.</summary>
    public static int SizeOf(int rank, int nodes, int sizeMin) => Math.Min(nodes, Math.Max(sizeMin, (int)Math.Floor(nodes * Math.Pow(rank, -1.25) + 0.5)));

    public static Outcome Measure(Setup setup)
    {
        var topology = new TransitStubTopology(setup.Seed);
        var delivered = 0L;
        var groups = new VirtualGroups(new()
        {
            Overlay = new PastrySimulationOptions { Seed = setup.Seed, Topology = topology },

            // Nobody fails: neighbours need not say often that they live, and nobody is passed over who is only far away.
            Scribe = new ScribeOptions
            {
                HeartbeatInterval = TimeSpan.FromSeconds(30),
                FailureTimeout = TimeSpan.FromMinutes(2),
                HopTimeoutInitial = TimeSpan.FromSeconds(5),
                ChildrenMax = 4096,
            },
            Delivered = (_, _) => delivered++,
        });
        var watch = Stopwatch.StartNew();
        Require(groups.Grow(setup.Nodes), $"The ring of {setup.Nodes} nodes did not form", setup);
        var grown = watch.Elapsed;
        var (ids, members) = Create(groups, setup);
        var joined = Join(groups, ids, members);
        var expected = members.Sum(group => (long)group.Length);
        Require(groups.Overlay.RunUntil(() => joined.Count == expected, TimeSpan.FromMinutes(5)), $"Only {joined.Count} of {expected} joined", setup);
        var formed = watch.Elapsed - grown;
        for (var i = 0; i < ids.Length; i++)
        {
            groups.Publish(groups.Overlay.Nodes[members[i][0]], ids[i]);
            groups.Overlay.Run(Step);
        }

        groups.Overlay.Run(TimeSpan.FromSeconds(30));
        var forest = new Forest(groups);
        var (scribe, multicast, unicast) = (new LinkStress(topology, setup.Nodes), new LinkStress(topology, setup.Nodes), new LinkStress(topology, setup.Nodes));
        GroupDelay[] delays = [.. forest.Trees.Where(tree => tree.Members.Count > 0).Select(tree => MeasureTree(tree, topology, scribe, multicast, unicast))];
        return new Outcome(forest, delays, scribe, multicast, unicast, expected, delivered, grown, formed);
    }

    private static GroupDelay MeasureTree(GroupTree tree, TransitStubTopology topology, LinkStress scribe, LinkStress multicast, LinkStress unicast)
    {
        var delays = tree.Delays(topology);
        foreach (var (parent, children) in tree.Children)
        {
            foreach (var child in children)
            {
                scribe.Send(parent, child);
            }
        }

        multicast.Multicast(tree.Root, tree.Members);
        var (sum, max, directSum, directMax, unreached) = (0.0, 0.0, 0.0, 0.0, 0);
        foreach (var member in tree.Members.Where(member => member != tree.Root))
        {
            unicast.Send(tree.Root, member);
            unreached += delays.ContainsKey(member) ? 0 : 1;
            var (delay, direct) = (delays.GetValueOrDefault(member).TotalMilliseconds, topology.Delay(tree.Root, member).TotalMilliseconds);
            (sum, directSum) = (sum + delay, directSum + direct);
            (max, directMax) = (Math.Max(max, delay), Math.Max(directMax, direct));
        }

        return new GroupDelay(tree.Members.Count, sum / directSum, max / directMax, unreached);
    }

    private static (GroupId[] Ids, int[][] Members) Create(VirtualGroups groups, Setup setup)
    {
        var (ids, members) = (new GroupId[setup.Groups], new int[setup.Groups][]);
        var created = 0;
        var pool = Enumerable.Range(0, setup.Nodes).ToArray();
        for (var i = 0; i < setup.Groups; i++)
        {
            ids[i] = groups.Create($"group {i}", ended: isCreated => created += isCreated ? 1 : 0);
            members[i] = Draw(groups.Overlay, pool, SizeOf(i + 1, setup.Nodes, setup.SizeMin));
            groups.Overlay.Run(Step / 10);
        }

        Require(groups.Overlay.RunUntil(() => created == setup.Groups, TimeSpan.FromMinutes(2)), $"Only {created} groups began", setup);
        return (ids, members);
    }

    private static int[] Draw(PastrySimulation overlay, int[] pool, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var other = i + overlay.NextRandom(pool.Length - i);
            (pool[i], pool[other]) = (pool[other], pool[i]);
        }

        return pool[..count];
    }

    /// <summary>Members join in any order, group by group mixed.</summary>
    private static Counter Join(VirtualGroups groups, GroupId[] ids, int[][] members)
    {
        var joined = new Counter();
        var joins = members.SelectMany((group, index) => group.Select(host => (Group: index, Host: host))).ToArray();
        for (var i = joins.Length - 1; i > 0; i--)
        {
            var other = groups.Overlay.NextRandom(i + 1);
            (joins[i], joins[other]) = (joins[other], joins[i]);
        }

        foreach (var part in joins.Chunk((int)(JoinsPerSecond * Step.TotalSeconds)))
        {
            foreach (var (group, host) in part)
            {
                groups.Join(groups.Overlay.Nodes[host], ids[group], isIn => joined.Count += isIn ? 1 : 0);
            }

            groups.Overlay.Run(Step);
        }

        return joined;
    }

    private static void Require(bool holds, string failure, Setup setup)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{failure} (seed {setup.Seed}).");
        }
    }

    private sealed class Counter
    {
        public long Count { get; set; }
    }

    /// <summary>Is what is run.</summary>
    public sealed record Setup(ulong Seed, int Nodes, int Groups, int SizeMin);

    /// <summary>Is how much longer a group's messages take than by IP multicast, on average and to the last member.</summary>
    /// <param name="Size">How many members it has.</param>
    /// <param name="Average">RAD: the mean delay from the root over the mean delay of IP multicast.</param>
    /// <param name="Max">RMD: the longest delay from the root over that of IP multicast.</param>
    /// <param name="Unreached">Members that hang in no tree.</param>
    public sealed record GroupDelay(int Size, double Average, double Max, int Unreached);

    /// <summary>Is what was seen.</summary>
    public sealed record Outcome(
        Forest Forest,
        IReadOnlyList<GroupDelay> Delays,
        LinkStress Scribe,
        LinkStress Multicast,
        LinkStress Unicast,
        long Memberships,
        long Delivered,
        TimeSpan Grown,
        TimeSpan Formed);
}
