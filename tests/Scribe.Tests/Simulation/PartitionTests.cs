using System.Text;
using P2P.Pastry.Simulation;
using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>
/// The ring is cut, or most of those that keep a group's state crash at once: what was acknowledged is never lost while a majority of them is left, and the group goes on where it
/// can.
/// </summary>
public sealed class PartitionTests
{
    private readonly List<(string Text, Task<PublishResult> Outcome)> _published = [];

    public static TheoryData<ulong> Seeds => [.. Enumerable.Range(3000, Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 60 : 4).Select(seed => (ulong)seed)];

    [Theory]
    [InlineData(101, 60)]
    [InlineData(102, 60)]
    [InlineData(103, 10)]
    [InlineData(104, 300)]
    public void A_keeper_that_was_cut_off_alone_takes_nothing_from_the_group(ulong seed, double seconds)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("short", new GroupPolicy { HistoryCount = 1000, MessagesPerSecondMax = 10_000 }).Id;
        var root = world.RootOf(group);
        var author = world.Join(group, root);
        var keeper = KeepersOf(world, group)[0];
        var member = world.Join(group, keeper);
        world.Publish(author, "0");
        world.Run(1);
        using (Cut(world, [keeper]))
        {
            for (var i = 1; i <= 600; i++)
            {
                Assert.IsType<PublishResult.Published>(world.Publish(author, $"{i}"));
            }

            world.Run(seconds);
        }

        world.Run(600);
        Assert.IsType<PublishResult.Published>(world.Publish(author, "601"));
        world.Run(10);
        var expected = Enumerable.Range(0, 602).Select(i => $"{i}").ToArray();
        Assert.Equal(expected, author.Ordered);
        Assert.Equal(expected, member.Ordered);
        Assert.Empty(world.CheckTree(group));
        Assert.Equal(602UL, ScribeWorld.MachineOf(world.RootOf(group)).RecordOf(group)!.Last.Number);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_rendezvous_point_that_is_cut_off_alone_acknowledges_nothing_and_what_the_others_do_is_not_lost(ulong seed)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("beheaded").Id;
        var root = world.RootOf(group);
        var inside = world.Join(group, root);
        var outside = world.Join(group);
        world.JoinMany(group, 5);
        Flow(world, [inside, outside], 5);
        var lonely = new List<Task<PublishResult>>();
        using (Cut(world, [root]))
        {
            for (var i = 0; i < 100; i++)
            {
                lonely.Add(Publish(world, inside, $"lonely {i}"));
                Publish(world, outside, $"outside {i}");
                world.Run(0.2);
            }

            Assert.All(lonely, outcome => Assert.False(IsPublished(outcome), world.Seed));
            Assert.Contains(_published, message => message.Text == "outside 50" && message.Outcome.IsCompleted);
        }

        AssertWhole(world, group);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_minority_of_keepers_that_is_cut_off_together_takes_nothing_from_the_group(ulong seed)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("outvoted").Id;
        world.JoinMany(group, 8);
        var cut = KeepersOf(world, group).Take(2).ToArray();
        var outside = world.Members.Where(member => !cut.Contains(member.Node)).Take(3).ToArray();
        Flow(world, outside, 5);
        using (Cut(world, cut))
        {
            Flow(world, outside, 40);
        }

        Flow(world, outside, 5);
        AssertWhole(world, group);
    }

    public static TheoryData<ulong> SeedsOfHalves => Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? Seeds : [3000, 3001, 3002, 3051];

    [Theory]
    [MemberData(nameof(SeedsOfHalves))]
    public void A_ring_that_is_cut_in_halves_goes_on_with_what_the_majority_has(ulong seed)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("halved").Id;
        world.JoinMany(group, 10);
        var keepers = KeepersOf(world, group).Prepend(world.RootOf(group)).ToArray();

        // Three of those who decide are on one side, two on the other.
        var many = keepers.OrderBy(_ => world.Overlay.NextRandom(1000)).Take(3).ToArray();
        var side = world.Overlay.Nodes.Except(keepers).Where((_, i) => i % 2 == 0).Concat(many).ToArray();
        Flow(world, world.Members, 5);
        var before = _published.Count;
        var authors = world.Members.Where(member => side.Contains(member.Node)).Take(3).ToArray();
        using (Cut(world, side))
        {
            Flow(world, authors, 30);
        }

        Flow(world, authors, 5);
        AssertWhole(world, group);
        Assert.True(_published.Skip(before).Count(message => message.Outcome.Result is PublishResult.Published) > 100, world.Seed);
    }

    public static TheoryData<ulong> SeedsOfCuts => Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? Seeds : [3000, 3001, 3027, 3029, 3033];

    [Theory]
    [MemberData(nameof(SeedsOfCuts))]
    public void Whatever_is_cut_off_again_and_again_for_a_while_nothing_that_was_acknowledged_is_lost(ulong seed)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("torn").Id;
        world.JoinMany(group, 8);
        Flow(world, world.Members, 3);
        for (var round = 0; round < 8; round++)
        {
            var side = world.Overlay.Nodes.OrderBy(_ => world.Overlay.NextRandom(1000)).Take(1 + world.Overlay.NextRandom(10)).ToArray();
            using (Cut(world, side))
            {
                Flow(world, world.Members, 1 + world.Overlay.NextRandom(12));
            }

            Flow(world, world.Members, world.Overlay.NextRandom(20));
        }

        // Who is cut off for long from all that know of the group is told that there is none.
        Assert.True(world.Members.Count(member => member.HasEnded) <= 3, world.Seed);
        AssertWhole(world, group);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_group_of_which_most_keepers_crash_at_once_goes_on(ulong seed)
    {
        var world = new ScribeWorld(30, seed);
        var group = world.Create("bereft").Id;
        world.JoinMany(group, 15);
        var keepers = KeepersOf(world, group);
        var dying = seed % 2 == 0 ? keepers.Take(3).ToArray() : [world.RootOf(group), .. keepers.Take(2)];
        var authors = world.Members.Where(member => !dying.Contains(member.Node)).Take(3).ToArray();
        Flow(world, authors, 5);
        Array.ForEach(dying, node => node.Crash());
        Flow(world, authors, 60);
        AssertWhole(world, group);
        Assert.Contains(_published.TakeLast(10), message => message.Outcome.Result is PublishResult.Published);

        // It is as safe as before: the next one that crashes is not waited for so long.
        world.RootOf(group).Crash();
        Flow(world, [.. authors.Where(author => author.Node.IsUp)], 15);
        AssertWhole(world, group);
        Assert.Contains(_published.TakeLast(10), message => message.Outcome.Result is PublishResult.Published);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_rendezvous_point_that_leaves_is_followed_at_once(ulong seed)
    {
        foreach (var nodes in (int[])[2, 3, 5, 20])
        {
            var world = new ScribeWorld(nodes, seed);
            var group = world.Create("left").Id;
            var root = world.RootOf(group);
            var author = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root));
            Assert.IsType<PublishResult.Published>(world.Publish(author, "0"));
            world.Run(5);
            root.Leave();
            Publish(world, author, "1");
            world.Run(8);
            Assert.All(_published, message => Assert.True(IsPublished(message.Outcome), $"{world.Seed}, {nodes} nodes"));
            Assert.Equal(["0", "1"], author.Ordered);
        }
    }

    [Theory]
    [InlineData(3100, 2)]
    [InlineData(3101, 2)]
    [InlineData(3102, 3)]
    public void Who_is_left_of_a_few_goes_on(ulong seed, int nodes)
    {
        var world = new ScribeWorld(nodes, seed);
        var group = world.Create("few").Id;
        var root = world.RootOf(group);
        var author = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root));
        Assert.IsType<PublishResult.Published>(world.Publish(author, "0"));
        world.Run(5);
        root.Crash();
        Assert.IsType<PublishResult.Published>(world.Publish(author, "1"));
        Assert.Equal(["0", "1"], author.Ordered);
    }

    [Theory]
    [InlineData(3200)]
    [InlineData(3201)]
    public void A_group_that_began_at_the_first_node_of_a_ring_is_kept_by_those_that_come(ulong seed)
    {
        var world = new ScribeWorld(1, seed);
        var group = world.Create("first").Id;
        var author = world.Join(group, world.Overlay.ReadyNodes.First());
        for (var i = 0; i < 19; i++)
        {
            Assert.IsType<PublishResult.Published>(world.Publish(author, $"{i}"));
            Assert.True(world.Scribe.Grow(1));
        }

        world.Run(20);
        Assert.IsType<PublishResult.Published>(world.Publish(author, "19"));
        world.Run(1);
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), author.Ordered);
        var root = world.RootOf(group);
        var record = ScribeWorld.MachineOf(root).RecordOf(group)!;
        var oracle = world.Overlay.Nodes.Select(node => node.Handle.Id).OrderBy(id => id.DistanceTo(group.Key)).Take(5);
        Assert.Equal(oracle.Order(), record.Quorum.Nodes.Select(node => node.Id).Order());
    }

    private static SimulatedNode[] KeepersOf(ScribeWorld world, GroupId group)
    {
        var root = world.RootOf(group);
        return [.. ScribeWorld.MachineOf(root).RecordOf(group)!.Keepers.Select(keeper => world.Overlay.Find(keeper.Node.Id)!)];
    }

    private static IDisposable Cut(ScribeWorld world, SimulatedNode[] side)
    {
        var hosts = side.Select(node => node.Host).ToHashSet();
        return world.Overlay.Network.Partition(hosts.Contains);
    }

    private static bool IsPublished(Task<PublishResult> outcome) => outcome.IsCompleted && outcome.Result is PublishResult.Published;

    private Task<PublishResult> Publish(ScribeWorld world, Member author, string text)
    {
        Task<PublishResult>? outcome = null;
        world.Scribe.Run(
            () =>
            {
                outcome = author.Group.PublishAsync(Encoding.UTF8.GetBytes(text)).AsTask();
                return Task.CompletedTask;
            },
            ScribeWorld.Limit);
        _published.Add((text, outcome!));
        return outcome!;
    }

    private void Flow(ScribeWorld world, IReadOnlyList<Member> authors, int seconds)
    {
        for (var i = 0; i < 5 * seconds; i++)
        {
            if (!authors[i % authors.Count].HasEnded)
            {
                Publish(world, authors[i % authors.Count], $"{_published.Count}");
            }

            world.Run(0.2);
        }
    }

    /// <summary>All that live have got what was acknowledged, in one order.</summary>
    private void AssertWhole(ScribeWorld world, GroupId group)
    {
        // The overlay asks once a minute for those that it takes for dead.
        world.Run(600);
        Assert.All(_published, message => Assert.True(message.Outcome.IsCompleted, $"{world.Seed}: {message.Text} hangs"));
        var acknowledged = _published.Where(message => message.Outcome.Result is PublishResult.Published).Select(message => message.Text).ToArray();
        var places = acknowledged.ToDictionary(text => text, text => ((PublishResult.Published)_published.First(message => message.Text == text).Outcome.Result).Position);
        foreach (var member in world.Alive.Where(member => !member.HasEnded))
        {
            var lacking = acknowledged.Except(member.Ordered).ToArray();
            Assert.True(lacking is [], $"{world.Seed}: {member.Node.Handle} lacks {string.Join(", ", lacking)}; {string.Join(", ", member.Others)}");
            // What a rendezvous point has spread before it was cut off, and none has acknowledged, comes again where it belongs.
            var seen = member.Ordered.AsEnumerable().Reverse().Distinct().Reverse().Select(text => places.GetValueOrDefault(text)).OfType<GroupPosition>().ToArray();
            Assert.Equal(seen.Order(), seen);
        }

        Assert.Empty(world.CheckTree(group));
    }
}
