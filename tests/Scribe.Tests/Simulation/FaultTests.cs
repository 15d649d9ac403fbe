using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>Nodes crash, come and go while messages flow: trees repair themselves, and no acknowledged message is lost to a member that lives.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void No_acknowledged_message_is_lost_when_a_tenth_of_the_nodes_crash(ulong seed) => Survives(seed, nodes: 100, members: 40, crashes: 10, crashesRoot: false);

    [Theory]
    [InlineData(21)]
    [InlineData(22)]
    [InlineData(23)]
    public void No_acknowledged_message_is_lost_when_the_rendezvous_point_crashes(ulong seed) => Survives(seed, nodes: 100, members: 40, crashes: 0, crashesRoot: true);

    [Theory]
    [InlineData(31)]
    [InlineData(32)]
    public void No_acknowledged_message_is_lost_when_a_quarter_of_the_nodes_crash_with_the_rendezvous_point(ulong seed) =>
        Survives(seed, nodes: 100, members: 40, crashes: 24, crashesRoot: true);

    [Theory]
    [InlineData(41)]
    [InlineData(42)]
    public void A_node_that_comes_closer_to_the_groups_id_takes_over_without_a_gap(ulong seed)
    {
        var world = new ScribeWorld(30, seed);
        var group = world.Create("growing").Id;
        world.JoinMany(group, 10);
        var published = new List<string>();
        for (var round = 0; round < 6; round++)
        {
            Assert.True(world.Scribe.Grow(30));
            for (var i = 0; i < 5; i++)
            {
                published.Add($"{round}/{i}");
                Assert.IsType<PublishResult.Published>(world.Publish(world.Members[i], published[^1]));
            }
        }

        world.Run(10);
        Assert.Empty(world.CheckTree(group));
        Assert.All(world.Members, member => Assert.Equal(published, member.Ordered));
    }

    public static TheoryData<ulong> Seeds =>
        Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? [.. Enumerable.Range(1000, 60).Select(seed => (ulong)seed)] : [1000, 1001, 1002, 1024, 1028, 1054];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void No_acknowledged_message_is_lost_when_packets_are_and_nodes_crash(ulong seed) =>
        Survives(seed, nodes: 60, members: 25, crashes: (int)(seed % 12), crashesRoot: seed % 2 == 0, loss: 0.02);

    private static void Survives(ulong seed, int nodes, int members, int crashes, bool crashesRoot, double loss = 0)
    {
        var world = new ScribeWorld(nodes, seed);
        world.Overlay.Network.LossRate = loss;
        var group = world.Create("survivors").Id;
        world.JoinMany(group, members);
        world.Run(3);
        var author = world.Members.First(member => member.Node != world.RootOf(group));
        var outcomes = new List<(string Text, Task<PublishResult> Outcome)>();
        var root = world.RootOf(group);
        var dying = world.Overlay.Nodes.Where(node => node != author.Node && node != root).OrderBy(_ => world.Overlay.NextRandom(1000)).Take(crashes).ToList();
        if (crashesRoot)
        {
            dying.Add(root);
        }

        for (var i = 0; i < 100; i++)
        {
            var text = $"{i}";
            if (i == 30)
            {
                dying.ForEach(node => node.Crash());
            }

            world.Scribe.Run(
                () =>
                {
                    outcomes.Add((text, author.Group.PublishAsync(System.Text.Encoding.UTF8.GetBytes(text)).AsTask()));
                    return Task.CompletedTask;
                },
                ScribeWorld.Limit);
            world.Run(0.1);
        }

        world.Run(60);
        Assert.All(outcomes, outcome => Assert.True(outcome.Outcome.IsCompleted, $"{world.Seed}: {outcome.Text} hangs"));
        var acknowledged = outcomes.Where(outcome => outcome.Outcome.Result is PublishResult.Published).Select(outcome => outcome.Text).ToArray();
        Assert.True(acknowledged.Length > 60, $"{world.Seed}: {acknowledged.Length} were acknowledged: {string.Join(", ", outcomes.Select(o => o.Outcome.Result.ToString()).Distinct())}");
        foreach (var member in world.Alive)
        {
            Assert.True(acknowledged.Except(member.Ordered).ToArray() is [], $"{world.Seed}: {member.Node.Handle} lacks {string.Join(", ", acknowledged.Except(member.Ordered))}; {string.Join(", ", member.Others)}");
            Assert.Equal(member.Ordered.Select(int.Parse).Order(), member.Ordered.Select(int.Parse));
            Assert.Equal(member.Ordered.Distinct(), member.Ordered);
        }

        Assert.Empty(world.CheckTree(group));
    }
}
