using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Simulation;

namespace Scribe.Tests.Simulation;

/// <summary>A stream of messages flows through larger groups whose tree is struck: members get all of it, and are late by as much as the failure time-out explains.</summary>
public sealed class VirtualGroupsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_node_that_becomes_a_keeper_of_a_busy_group_catches_up(ulong seed)
    {
        var stream = new MessageStream(60, seed, new GroupPolicy { HistoryCount = 16 });
        stream.Flow(40);
        stream.Overlay.Nodes.Last(node => MachineOf(node).RecordOf(stream.Group) is { Role: RootRole.Keeper }).Crash();
        stream.Flow(400);
        stream.Overlay.Run(TimeSpan.FromSeconds(5));
        Assert.Equal(0, stream.UnacknowledgedCount);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Authors_find_the_next_rendezvous_point_before_the_overlay_knows_that_the_last_one_is_dead(ulong seed)
    {
        var stream = new MessageStream(150, seed);
        stream.Flow(40);
        var struckAt = stream.Overlay.Now;
        stream.Root.Crash();
        stream.Flow(160);
        stream.Overlay.Run(TimeSpan.FromSeconds(20));
        var heldUp = stream.HeldUpUntil() - struckAt;
        Assert.True(heldUp < TimeSpan.FromSeconds(4), $"{stream.Seed}: members were held up for {heldUp}");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Members_are_not_held_up_again_when_the_overlay_has_found_out_who_is_dead(ulong seed)
    {
        var stream = new MessageStream(200, seed);
        stream.Flow(40);
        var struckAt = stream.Overlay.Now;
        Assert.All(stream.Draw(50, withChildren: false), node => node.Crash());
        stream.Flow(500);
        stream.Overlay.Run(TimeSpan.FromSeconds(20));
        var heldUp = stream.HeldUpUntil() - struckAt;
        Assert.True(heldUp < TimeSpan.FromSeconds(5), $"{stream.Seed}: members were held up for {heldUp}");
    }

    [Theory]
    [InlineData(Misbehavior.DropsBatches, 7)]
    [InlineData(Misbehavior.DropsBatches, 8)]
    [InlineData(Misbehavior.DropsBatchesAndDigests, 9)]
    [InlineData(Misbehavior.DropsBatchesAndDigests, 10)]
    [InlineData(Misbehavior.AltersBatches, 11)]
    [InlineData(Misbehavior.AltersBatches, 12)]
    public void Members_go_around_parents_that_do_not_pass_on_what_they_should(Misbehavior misbehavior, ulong seed)
    {
        var stream = new MessageStream(200, seed);
        stream.Flow(40);
        var struckAt = stream.Overlay.Now;
        SimulatedNode[] wrong = [.. stream.Draw(5, withChildren: true)];
        Assert.Equal(5, wrong.Length);
        Assert.All(wrong, node => stream.Groups.Misbehave(node, misbehavior));
        stream.Flow(200);
        stream.Overlay.Run(TimeSpan.FromSeconds(20));
        var heldUp = stream.HeldUpUntil() - struckAt;
        Assert.InRange(heldUp, misbehavior == Misbehavior.AltersBatches ? TimeSpan.MinValue : TimeSpan.Zero, TimeSpan.FromSeconds(8));
        Assert.Equal(0, stream.UnacknowledgedCount);
    }

    [Fact]
    public void A_message_after_a_long_silence_is_got_in_spite_of_a_parent_that_drops_it()
    {
        var stream = new MessageStream(150, seed: 13);
        Assert.All(stream.Draw(5, withChildren: true), node => stream.Groups.Misbehave(node, Misbehavior.DropsBatchesAndDigests));
        stream.Overlay.Run(TimeSpan.FromMinutes(2));
        var publishedAt = stream.Overlay.Now;
        stream.Flow(1);
        stream.Overlay.Run(TimeSpan.FromMinutes(1));
        var heldUp = stream.HeldUpUntil() - publishedAt;
        Assert.InRange(heldUp, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void Nobody_leaves_a_parent_where_all_pass_on_what_they_should()
    {
        var stream = new MessageStream(200, seed: 14);
        var before = Parents(stream);
        for (var i = 0; i < 20; i++)
        {
            stream.Flow(5);
            stream.Overlay.Run(TimeSpan.FromSeconds(i));
        }

        Assert.Equal(before, Parents(stream));
    }

    private static ScribeMachine MachineOf(SimulatedNode node) => (ScribeMachine)node.Applications[0];

    private static string[] Parents(MessageStream stream) =>
        [.. stream.Overlay.Nodes.Select(node => $"{node.Handle} below {stream.Groups.PlacesOf(node).Single().Parent}")];
}
