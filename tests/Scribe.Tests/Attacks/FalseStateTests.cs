using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Attacks;

/// <summary>What nodes say about a group's state is not signed. A lie lasts no longer than its author is believed, and takes from nobody what was safe.</summary>
public sealed class FalseStateTests
{
    [Theory]
    [InlineData(181, 1, 1UL << 62, 1)]
    [InlineData(182, uint.MaxValue, 1UL << 62, 1)]
    [InlineData(183, uint.MaxValue, 5, 1)]
    [InlineData(184, 1, 40, 1)]
    public void What_a_parent_made_up_about_a_stream_is_forgotten_with_it(ulong seed, uint epoch, ulong number, ulong epochStart)
    {
        var world = new ScribeWorld(20, seed, options => options with { Scribe = options.Scribe with { ChildrenMax = 2 } });
        var certificate = world.Create("lied to");
        var group = certificate.Id;
        var root = world.RootOf(group);
        var author = world.Join(group, root);

        // All of the rendezvous point's children are liars, so that the member hangs below one.
        Speaker[] liars = [Speaker.In(world), Speaker.In(world)];
        NodeHandle? victim = null;
        foreach (var liar in liars)
        {
            liar.Join(root, group);
            liar.Answer = (from, message) =>
            {
                if (message is BatchMessage batch && victim is not null)
                {
                    liar.Say(victim, batch);
                }

                return message is JoinRequest { Entries: [var entry, ..] }
                    ? new JoinReply([new JoinReply.Entry(group, entry.Nonce, JoinOutcome.Grafted, certificate, [GroupState.Shorten(root.Handle.Id)], [new StreamDigest(default, new GroupPosition(1, 0), 1)], [])])
                    : null;
            };
        }

        world.Run(1);
        var member = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root && node.Modules is [ScribeNode]));
        var below = ScribeWorld.MachineOf(member.Node).Groups.Single(state => state.Id == group);
        Assert.Contains(liars, liar => liar.Node.Handle.Equals(below.Parent));
        victim = member.Node.Handle;
        for (var i = 0; i < 3; i++)
        {
            Assert.IsType<PublishResult.Published>(world.Publish(author, $"{i}"));
        }

        world.Run(1);
        Assert.Equal(["0", "1", "2"], member.Ordered);

        // What the liar says is believed for as long as it takes to give up what nobody has.
        var digest = new StreamDigest(default, new GroupPosition(epoch, number), epochStart);
        for (var i = 0; i < 16; i++)
        {
            foreach (var liar in liars)
            {
                liar.Say(victim, new Heartbeat(1, (ulong)group.Key.Value, [(group, digest)], []));
                liar.Say(root.Handle, new Heartbeat(0, 0, [], []));
            }

            world.Run(0.25);
        }

        Array.ForEach(liars, liar => liar.Node.Crash());
        world.Run(30);
        Assert.True(below.IsAttached);
        Assert.DoesNotContain(liars, liar => liar.Node.Handle.Equals(below.Parent));
        Assert.IsType<PublishResult.Published>(world.Publish(author, "3"));
        world.Run(10);
        Assert.Equal(["0", "1", "2", "3"], member.Ordered);
    }

    [Theory]
    [InlineData(190, uint.MaxValue)]
    [InlineData(194, uint.MaxValue)]
    [InlineData(188, 2)]
    public void A_node_that_is_not_closer_does_not_give_a_rendezvous_point_its_state(ulong seed, uint epoch)
    {
        var world = new ScribeWorld(9, seed);
        var certificate = world.Create("robbed");
        var group = certificate.Id;
        world.JoinMany(group, 4);
        var speaker = Speaker.In(world);
        for (var i = 0; i < 5; i++)
        {
            Assert.IsType<PublishResult.Published>(world.Publish(world.Members[0], $"{i}"));
        }

        Assert.NotEqual(speaker.Node.Handle.Id, new RingOracle(world.Overlay).Root(group.Key).Id);
        foreach (var node in world.Overlay.Nodes.Where(node => node != speaker.Node))
        {
            speaker.Say(node.Handle, new RecordUpdate(certificate, new GroupPosition(epoch, 0), epochStart: 1, first: 1, []));
        }

        world.Run(20);
        Assert.IsType<PublishResult.Published>(world.Publish(world.Members[0], "5"));
        world.Run(20);
        Assert.All(world.Members, member => Assert.Equal(["0", "1", "2", "3", "4", "5"], member.Ordered));
        var late = world.Join(group, world.Overlay.ReadyNodes.First(node => node.Modules is [ScribeNode] && world.Members.All(member => member.Node != node)), new JoinOptions { HistoryCount = 10 });
        world.Run(10);
        Assert.Equal(["0", "1", "2", "3", "4", "5"], late.Ordered);
    }

    [Theory]
    [InlineData(197, 1)]
    [InlineData(187, uint.MaxValue)]
    [InlineData(189, 1)]
    public void A_keeper_that_claims_to_know_more_does_not_end_a_group(ulong seed, uint epoch)
    {
        var world = new ScribeWorld(6, seed);
        var certificate = world.Create("robbed");
        var group = certificate.Id;
        world.JoinMany(group, 4);
        var root = world.RootOf(group);
        var speaker = Speaker.In(world);
        speaker.Answer = (_, message) => message is RootClaim claim ? new RootPromise(group, claim.Nonce, isGranted: true, certificate, new GroupPosition(epoch, 1UL << 61)) : null;
        Assert.IsType<PublishResult.Published>(world.Publish(world.Members.First(member => member.Node != root), "0"));
        world.Run(5);
        root.Crash();
        world.Run(30);
        Assert.NotEqual(speaker.Node.Handle.Id, new RingOracle(world.Overlay).Root(group.Key).Id);
        var author = world.Alive.First();
        Assert.IsType<PublishResult.Published>(world.Publish(author, "1"));
        world.Run(20);
        Assert.All(world.Alive, member => Assert.Equal(["0", "1"], member.Ordered));
    }
}
