using P2P.Pastry.Simulation;
using P2P.Scribe;
using Scribe.Tests.Simulation;
using Xunit.Abstractions;

namespace Scribe.Tests.Fuzz;

/// <summary>Whole machines among peers that say anything: no handler fails, nothing grows beyond its bounds, and no member gets what nobody has signed.</summary>
public sealed class HostileMachineTests(ITestOutputHelper output)
{
    public static TheoryData<ulong, Dissemination> Seeds
    {
        get
        {
            var seeds = new TheoryData<ulong, Dissemination>();
            for (var seed = 2000UL; seed < 2000UL + (Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 100UL : 4UL); seed++)
            {
                seeds.Add(seed, seed % 2 == 0 ? Dissemination.ThroughRoot : Dissemination.Crawling);
            }

            return seeds;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Members_get_what_was_signed_and_no_more_among_peers_that_lie(ulong seed, Dissemination dissemination)
    {
        output.WriteLine($"seed {seed}");
        var world = new ScribeWorld(16, seed);
        var honest = world.Overlay.Nodes.ToArray();
        var certificate = world.Create("besieged", new GroupPolicy { HistoryCount = 32, Dissemination = dissemination });
        world.JoinMany(certificate.Id, 8);
        var liars = Enumerable.Range(0, 5).Select(i => new Liar((int)seed + i, [.. honest.Select(node => node.Handle)], certificate)).ToArray();
        var places = liars.Select(liar => AddLiar(world, liar)).ToArray();

        var published = new List<(Member Author, string Text, Task<PublishResult> Outcome)>();
        for (var i = 0; i < 60; i++)
        {
            var author = world.Members[i % 3];
            var deliveryClass = (DeliveryClass)(i / 3 % 3);
            world.Scribe.Run(
                () =>
                {
                    published.Add((author, $"{i}", author.Group.PublishAsync(System.Text.Encoding.UTF8.GetBytes($"{i}"), deliveryClass, key: (ulong)i).AsTask()));
                    return Task.CompletedTask;
                },
                ScribeWorld.Limit);
            world.Run(0.3);
        }

        Assert.All(liars, liar => Assert.True(liar.Said > 500, $"{world.Seed}: a liar was never ready"));
        Assert.All(honest.SelectMany(node => ScribeWorld.MachineOf(node).Groups), group => Assert.True(
            group.Children.Count <= 64 && group.Streams.Count <= 1024 && group.Checks.Count <= 512 && group.Own.Count <= 64 && group.Authors.Count <= 1024,
            $"{world.Seed}: a group has outgrown its bounds"));
        foreach (var member in world.Members)
        {
            var seen = member.Ordered.Concat(member.Loose).ToArray();
            Assert.Empty(seen.Except(published.Select(message => message.Text)));
            Assert.Equal(seen.Distinct(), seen);
        }

        Array.ForEach(liars, liar => liar.Silence());
        Array.ForEach(places, place => place.Crash());
        world.Run(90);
        Assert.All(published, message => Assert.True(message.Outcome.IsCompleted, $"{world.Seed}: {message.Text} hangs"));
    }

    private static SimulatedNode AddLiar(ScribeWorld world, Liar liar)
    {
        var node = world.Overlay.AddNode([liar]);
        node.Join(world.Pick());
        Assert.True(world.Overlay.RunUntilReady([node], ScribeWorld.Limit), world.Seed);
        return node;
    }
}
