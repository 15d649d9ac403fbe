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
}
