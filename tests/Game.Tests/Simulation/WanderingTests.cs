using Game.World;
using Xunit.Abstractions;

namespace Game.Tests.Simulation;

/// <summary>Players wander over the map, and everyone sees all who are in view; also when the rendezvous point of an area crashes.</summary>
public sealed class WanderingTests(ITestOutputHelper output)
{
    public static TheoryData<ulong> Seeds => Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] : [1, 2];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Everyone_sees_all_who_are_in_view_also_after_a_rendezvous_point_has_crashed(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        using var players = new SimulatedPlayers(seed, nodes: 24, players: 12);
        players.Run(TimeSpan.FromSeconds(5));
        var before = players.WatchFor(seconds: 20);
        Assert.True(before > 20, $"{players.Seed}: only {before} pairs were in view of each other");

        Assert.True(players.CrashRootOfAnArea() is not null, $"{players.Seed}: all rendezvous points are players'");
        players.Run(TimeSpan.FromSeconds(15));
        var after = players.WatchFor(seconds: 20);
        Assert.True(after > 20, $"{players.Seed}: only {after} pairs were in view of each other after the crash");
        output.WriteLine($"{before} and {after} pairs compared; half of the updates were no older than {players.Traffic.AgeMs(0.5):f0} ms");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Where_all_that_keep_an_area_are_lost_at_once_players_begin_it_again(ulong seed)
    {
        output.WriteLine($"seed {seed}");
        var middle = new Vector(1000, 1000);
        using var players = new SimulatedPlayers(seed, nodes: 60, players: 4, parked: middle);
        players.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(4 * 3, players.WatchFor(seconds: 2));
        Assert.True(players.TryCrashKeepers(Area.Of(middle)), $"{players.Seed}: a player keeps the area itself");
        players.Run(TimeSpan.FromSeconds(40));
        Assert.Equal(4 * 3 * 4, players.WatchFor(seconds: 5));
    }

    [Fact]
    public void The_same_seed_gives_the_same_world()
    {
        Assert.Equal(Steps(), Steps());

        static List<string> Steps()
        {
            var steps = new List<string>();
            using var players = new SimulatedPlayers(seed: 1, nodes: 8, players: 4, trace: steps.Add);
            players.Run(TimeSpan.FromSeconds(10));
            return steps;
        }
    }
}
