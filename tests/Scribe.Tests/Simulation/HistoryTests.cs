using P2P.Scribe;
using P2P.Scribe.Protocol;

namespace Scribe.Tests.Simulation;

public sealed class HistoryTests
{
    [Theory]
    [InlineData(95)]
    [InlineData(96)]
    public void Who_joins_at_a_node_that_is_in_the_tree_already_gets_the_history_that_it_asks_for(ulong seed)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("history").Id;
        var root = world.RootOf(group);
        var author = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root));
        for (var i = 0; i < 5; i++)
        {
            world.Publish(author, $"{i}");
        }

        var late = world.Join(group, root, new JoinOptions { HistoryCount = 3 });
        world.Publish(author, "5");
        world.Run(1);
        Assert.Equal(["2", "3", "4", "5"], late.Ordered);
    }

    [Theory]
    [InlineData(97, Dissemination.ThroughRoot)]
    [InlineData(98, Dissemination.ThroughRoot)]
    [InlineData(99, Dissemination.Crawling)]
    public void Who_joins_late_gets_what_is_not_older_than_it_asks_for_wherever_it_comes_to_hang(ulong seed, Dissemination dissemination)
    {
        var world = new ScribeWorld(60, seed);
        var group = world.Create("hours", new GroupPolicy { Dissemination = dissemination }).Id;
        var author = world.Join(group);
        PublishOneEachTwoSeconds(world, author, 0, 10);
        (JoinOptions Options, int Count)[] wishes =
        [
            (new() { HistoryDuration = TimeSpan.FromSeconds(5) }, 2),
            (new() { HistoryDuration = TimeSpan.FromSeconds(7.3) }, 3),
            (new() { HistoryDuration = TimeSpan.FromSeconds(5), HistoryCount = 5 }, 5),
            (new(), 0),
            (new() { HistoryDuration = TimeSpan.FromHours(1) }, 100),
        ];
        world.JoinMany(group, 15, i => wishes[i % 5].Options);
        PublishOneEachTwoSeconds(world, author, 10, 1);
        world.JoinMany(group, 15, i => wishes[i % 5].Options);
        world.Run(2);
        for (var i = 0; i < 30; i++)
        {
            var (first, late) = (10 + i / 15, world.Members[1 + i]);
            Assert.Equal(Enumerable.Range(0, 11).Where(number => number >= first - wishes[i % 5].Count).Select(number => $"{number}"), late.Ordered);
            Assert.Empty(late.Others);
        }
    }

    [Fact]
    public void A_new_rendezvous_point_knows_how_old_is_what_it_has_kept()
    {
        var world = new ScribeWorld(40, seed: 100);
        var group = world.Create("inherited").Id;
        var author = world.Join(group, world.Overlay.ReadyNodes.First(node => node != world.RootOf(group)));
        PublishOneEachTwoSeconds(world, author, 0, 10);
        var old = world.RootOf(group);
        old.Crash();
        Assert.True(world.Overlay.RunUntil(() => world.Overlay.Nodes.Any(node => node.IsUp && ScribeWorld.MachineOf(node).Groups.Any(state => state.Stage == TreeStage.Root)), ScribeWorld.Limit));
        world.Run(10);
        var late = Enumerable.Range(0, 4).Select(_ => world.Join(group, options: new JoinOptions { HistoryDuration = TimeSpan.FromMinutes(4) })).ToArray();
        var none = Enumerable.Range(0, 4).Select(_ => world.Join(group, options: new JoinOptions { HistoryDuration = TimeSpan.FromSeconds(8) })).ToArray();
        world.Run(2);
        Assert.All(late, member => Assert.Equal(10, member.Ordered.Count));
        Assert.All(none, member => Assert.Empty(member.Ordered));
    }

    private static void PublishOneEachTwoSeconds(ScribeWorld world, Member author, int first, int count)
    {
        for (var i = first; i < first + count; i++)
        {
            world.Publish(author, $"{i}");
            world.Run(2);
        }
    }

    [Fact]
    public void Who_joins_late_is_sent_each_batch_of_the_history_once_or_twice()
    {
        var world = new ScribeWorld(20, seed: 100);
        var group = world.Create("long").Id;
        var author = world.Join(group);
        for (var i = 0; i < 200; i++)
        {
            world.Publish(author, $"{i}");
        }

        var before = Replayed(world);
        var late = world.Join(group, options: new JoinOptions { HistoryCount = 200 });
        world.Run(10);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), late.Ordered);
        Assert.InRange(Replayed(world) - before, 200, 400);
    }

    [Theory]
    [InlineData(101, false)]
    [InlineData(101, true)]
    [InlineData(102, true)]
    [InlineData(103, true)]
    public void Who_has_missed_more_than_is_kept_is_told_of_it_in_one_gap(ulong seed, bool isKeeper)
    {
        var world = new ScribeWorld(20, seed);
        var group = world.Create("short", new GroupPolicy { HistoryCount = 10, MessagesPerSecondMax = 10_000 }).Id;
        var root = world.RootOf(group);
        var author = world.Join(group, root);
        var member = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root && ScribeWorld.MachineOf(node).RecordOf(group) is not null == isKeeper));
        world.Publish(author, "0");
        world.Run(1);
        var host = member.Node.Host;
        using (world.Overlay.Network.Partition(other => other == host))
        {
            for (var i = 1; i <= 600; i++)
            {
                world.Publish(author, $"{i}");
            }
        }

        world.Run(300);
        Assert.Equal(Enumerable.Range(591, 10).Select(i => $"{i}").Prepend("0"), member.Ordered);
        Assert.All(member.Others.OfType<GroupEvent.Gap>(), gap => Assert.Null(gap.Author));
        Assert.Equal(590UL, member.Others.OfType<GroupEvent.Gap>().Aggregate(0UL, (sum, gap) => sum + gap.Last - gap.First + 1));
        Assert.InRange(member.Others.Count, 1, 2);
    }

    private static long Replayed(ScribeWorld world) => world.Overlay.Nodes.Sum(node => ScribeWorld.MachineOf(node).Counters.Replayed);
}
