using Chat;
using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>What samples/Chat does with sound and video, in virtual time.</summary>
public sealed class LiveTests
{
    private const int Rate = 50_000;

    private readonly SlowHosts _hosts = new();

    [Theory]
    [InlineData(91)]
    [InlineData(92)]
    public void A_file_is_played_at_its_rate_and_who_comes_late_begins_where_it_is(ulong seed)
    {
        var world = new ScribeWorld(20, seed, options => options with
        {
            Overlay = options.Overlay with { Topology = _hosts },
            Scribe = options.Scribe with { WindowBytes = 64 * 1024, BacklogBytesMax = 64 * 1024 },
        });
        var group = world.Create("radio").Id;
        var source = Enumerable.Range(0, 20 * Rate).Select(i => (byte)(i / Rate)).ToArray();
        var (early, player, slow) = (Listen(world, group), Join(world, group), Listen(world, group));
        world.Run(3);
        _hosts.Slow.Add(slow.Node.Host);

        var leftOut = -1L;
        world.Scribe.Run(
            () =>
            {
                _ = PlayAsync();
                return Task.CompletedTask;
            },
            ScribeWorld.Limit);
        world.Run(10);
        Assert.Equal(-1, leftOut);
        Assert.InRange(early.Target.Length, 9 * Rate, 11 * Rate);
        var late = Listen(world, group);
        Assert.True(world.Overlay.RunUntil(() => leftOut >= 0, TimeSpan.FromSeconds(12)), $"{world.Seed}: one that is slow holds the player up");
        world.Run(30);

        Assert.Equal(0, leftOut);
        Assert.Equal(source, early.Target.ToArray());
        Assert.Equal(source[^(int)late.Target.Length..], late.Target.ToArray());
        Assert.InRange(late.Target.Length, 9 * Rate, 11 * Rate);
        Assert.Equal(0, late.Listener.Missed);
        Assert.InRange(slow.Listener.Missed, 1, source.Length);
        Assert.Equal(source.Length, slow.Target.Length + slow.Listener.Missed);

        async Task PlayAsync() => leftOut = await Live.PlayAsync(player.Group, new MemoryStream(source), Rate, world.Overlay.Time).ConfigureAwait(false);
    }

    private static Radio Listen(ScribeWorld world, GroupId group)
    {
        var (node, membership) = Join(world, group);
        var radio = new Radio(node, membership);
        world.Scribe.Run(
            () =>
            {
                _ = radio.ListenAsync();
                return Task.CompletedTask;
            },
            ScribeWorld.Limit);
        return radio;
    }

    private static (P2P.Pastry.Simulation.SimulatedNode Node, IGroup Group) Join(ScribeWorld world, GroupId group)
    {
        var node = world.Overlay.ReadyNodes.First(node => ScribeWorld.MachineOf(node).Groups.Count == 0 && ScribeWorld.MachineOf(node).RecordOf(group) is null);
        return (node, Assert.IsType<JoinResult.Joined>(world.Scribe.Run(() => world.Scribe.ScribeOf(node).JoinAsync(group).AsTask(), ScribeWorld.Limit)).Group);
    }

    private sealed class Radio(P2P.Pastry.Simulation.SimulatedNode node, IGroup group)
    {
        public P2P.Pastry.Simulation.SimulatedNode Node => node;

        public MemoryStream Target { get; } = new();

        public Live.Listener Listener => field ??= new Live.Listener(Target);

        public async Task ListenAsync()
        {
            await foreach (var happened in group.EventsAsync().ConfigureAwait(false))
            {
                await Listener.TryTakeAsync(happened).ConfigureAwait(false);
            }
        }
    }
}
