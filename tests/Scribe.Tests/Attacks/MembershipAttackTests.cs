using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Attacks;

/// <summary>Nobody is put out of a group by what a neighbour says, nor kept out by what others have asked for.</summary>
public sealed class MembershipAttackTests
{
    [Theory]
    [InlineData(201, JoinOutcome.NotFound)]
    [InlineData(202, JoinOutcome.Denied)]
    public void A_member_stays_one_whatever_a_node_says_that_it_asks_for_a_place(ulong seed, object outcome)
    {
        var world = new ScribeWorld(20, seed, options => options with { Scribe = options.Scribe with { ChildrenMax = 2 } });
        var certificate = world.Create("club");
        var group = certificate.Id;
        var root = world.RootOf(group);
        var author = world.Join(group, root);
        Speaker[] liars = [Speaker.In(world), Speaker.In(world)];
        var isTree = true;
        foreach (var liar in liars)
        {
            liar.Join(root, group);
            liar.Answer = (_, message) => message is not JoinRequest { Entries: [var entry, ..] } ? null
                : isTree ? new JoinReply([new JoinReply.Entry(group, entry.Nonce, JoinOutcome.Grafted, certificate, [GroupState.Shorten(root.Handle.Id)], [new StreamDigest(default, new GroupPosition(1, 0), 1)], [])])
                : new JoinReply([JoinReply.Entry.Of(group, entry.Nonce, (JoinOutcome)outcome)]);
        }

        world.Run(1);
        var member = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root && node.Modules is [ScribeNode]));
        var parent = ScribeWorld.MachineOf(member.Node).Groups.Single(state => state.Id == group).Parent;
        isTree = false;
        liars.Single(liar => liar.Node.Handle.Equals(parent)).Say(member.Node.Handle, new JoinReply([JoinReply.Entry.Of(group, nonce: 0, JoinOutcome.Gone)]));
        world.Run(5);
        Array.ForEach(liars, liar => liar.Node.Crash());
        world.Run(40);
        Assert.IsType<PublishResult.Published>(world.Publish(author, "1"));
        world.Run(10);
        Assert.Equal(["1"], member.Ordered);
    }

    [Fact]
    public void A_member_of_a_group_that_is_lost_learns_of_it_and_joins_anew_where_it_begins_again()
    {
        var world = new ScribeWorld(12, seed: 204, options => options with { Scribe = options.Scribe with { ReplicaCount = 1 } });
        var group = world.Create("lost").Id;
        var root = world.RootOf(group);
        var member = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root));
        root.Crash();
        world.Run(60);
        Assert.True(member.HasEnded);
        Assert.IsType<CreateResult.Created>(world.Scribe.Run(() => world.Scribe.ScribeOf(member.Node).CreateAsync("lost", world.Creator).AsTask(), ScribeWorld.Limit));
        var again = world.Join(group, member.Node);
        world.Scribe.Run(() => member.Group.DisposeAsync().AsTask(), ScribeWorld.Limit);
        world.Run(1);
        Assert.IsType<PublishResult.Published>(world.Publish(again, "again"));
        world.Run(1);
        Assert.Equal(["again"], again.Ordered);
    }

    [Theory]
    [InlineData(205, 10)]
    [InlineData(206, 25)]
    [InlineData(207, 120)]
    [InlineData(208, 55)]
    public void A_member_whose_host_was_cut_off_is_one_when_it_is_back(ulong seed, int seconds)
    {
        var world = new ScribeWorld(12, seed);
        var group = world.Create("far").Id;
        var root = world.RootOf(group);
        var author = world.Join(group, root);
        var member = world.Join(group);
        var host = member.Node.Host;
        using (world.Overlay.Network.Partition(other => other == host))
        {
            world.Run(seconds);
        }

        world.Run(120);
        Assert.IsType<PublishResult.Published>(world.Publish(author, "0"));
        world.Run(10);
        Assert.False(member.HasEnded);
        Assert.Equal(["0"], member.Ordered);
    }
}
