using P2P.Pastry;
using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>A membership lasts until it is left; where it can't, the member is told so.</summary>
public sealed class MembershipTests
{
    /// <summary>Longer than a member whom nobody takes goes on looking.</summary>
    private const int Patience = 120;

    [Theory]
    [InlineData(189, 1)]
    [InlineData(190, 20)]
    public void A_group_that_is_begun_several_times_at_one_node_is_begun_once_and_each_is_told_so(ulong seed, int nodes)
    {
        var world = new ScribeWorld(nodes, seed);
        var scribe = world.Scribe.ScribeOf(world.Pick());
        var results = world.Scribe.Run(() => Task.WhenAll(Enumerable.Range(0, 3).Select(i => scribe.CreateAsync("thrice", world.Creator, new GroupPolicy { HistoryCount = 10 + i }).AsTask())), ScribeWorld.Limit);
        Assert.Single(results.OfType<CreateResult.Created>());
        Assert.Equal(2, results.OfType<CreateResult.Exists>().Count());
    }

    [Theory]
    [InlineData(195)]
    [InlineData(196)]
    [InlineData(197)]
    public void Who_comes_first_begins_a_group_that_is_everybodys_and_all_who_come_at_once_are_in_it(ulong seed)
    {
        var world = new ScribeWorld(20, seed);
        var joined = world.Scribe.Run(
            () => Task.WhenAll(world.Overlay.ReadyNodes.Take(8).Select(node => world.Scribe.ScribeOf(node).JoinOrCreateAsync("commons", world.Creator).AsTask())), ScribeWorld.Limit)!;
        Assert.All(joined, result => Assert.IsType<JoinResult.Joined>(result));
        var group = ((JoinResult.Joined)joined[0]).Group;
        Assert.IsType<PublishResult.Published>(world.Scribe.Run(() => group.PublishAsync("hello"u8.ToArray()).AsTask(), ScribeWorld.Limit));
    }

    [Theory]
    [InlineData(191)]
    [InlineData(192)]
    public void Members_of_a_group_that_is_lost_are_told_so(ulong seed)
    {
        var world = new ScribeWorld(30, seed, options => options with { Scribe = options.Scribe with { ReplicaCount = 1 } });
        var group = world.Create("mortal").Id;
        world.JoinMany(group, 8);
        world.RootOf(group).Crash();
        world.Run(Patience);
        Assert.All(world.Alive, member => AssertEnded(world, member, MembershipEnd.GroupLost));
    }

    [Fact]
    public void A_node_that_is_invited_by_its_own_key_joins_and_publishes()
    {
        var world = new ScribeWorld(12, seed: 188);
        var group = world.Create("club", new GroupPolicy { Members = GroupAudience.Invited, Authors = GroupAudience.Invited }).Id;
        var node = world.Pick();
        var key = world.Scribe.ScribeOf(node).PublicKey;
        Assert.Equal(node.Handle.Id, key.NodeId);
        var capability = world.Invite(group, key, GroupRights.Join | GroupRights.Publish, TimeSpan.FromHours(1));
        Assert.IsType<PublishResult.Published>(world.Publish(world.Join(group, node, new JoinOptions { Capability = capability }), "invited"));
    }

    [Theory]
    [InlineData(193)]
    [InlineData(194)]
    public void Who_has_to_find_another_parent_and_is_not_invited_any_more_is_told_so(ulong seed)
    {
        var world = new ScribeWorld(30, seed);
        var group = world.Create("club", new GroupPolicy { Members = GroupAudience.Invited }).Id;
        var root = world.RootOf(group);
        using var guest = SigningKey.Create();
        var capability = world.Invite(group, guest.PublicKey, GroupRights.Join, TimeSpan.FromMinutes(1));
        var member = world.Join(group, world.Overlay.ReadyNodes.First(node => node != root), new JoinOptions { Author = guest, Capability = capability });
        world.Run(60);
        Assert.Empty(member.Others);

        var parent = ScribeWorld.MachineOf(member.Node).Groups.Single().Parent!;
        world.Overlay.Find(parent.Id)!.Crash();
        world.Run(Patience);
        AssertEnded(world, member, MembershipEnd.NotInvited);
    }

    [Fact]
    public void Who_leaves_a_membership_that_has_ended_leaves_no_other()
    {
        var world = new ScribeWorld(30, seed: 195, options => options with { Scribe = options.Scribe with { ReplicaCount = 1 } });
        var group = world.Create("again").Id;
        var node = world.Overlay.ReadyNodes.First(node => node != world.RootOf(group));
        var ended = world.Join(group, node);
        world.RootOf(group).Crash();
        world.Run(Patience);
        AssertEnded(world, ended, MembershipEnd.GroupLost);

        Assert.Equal(group, world.Create("again").Id);
        var again = world.Join(group, node);
        world.Scribe.Run(() => ended.Group.DisposeAsync().AsTask(), ScribeWorld.Limit);
        world.Run(1);
        Assert.IsType<PublishResult.Published>(world.Publish(again, "here"));
        world.Run(1);
        Assert.Equal(["here"], again.Ordered);
    }

    [Fact]
    public void An_author_renews_its_invitation_by_joining_again()
    {
        var world = new ScribeWorld(30, seed: 196);
        var group = world.Create("news", new GroupPolicy { Authors = GroupAudience.Invited }).Id;
        using var guest = SigningKey.Create();
        var first = world.Join(group, options: new JoinOptions { Author = guest });
        Assert.IsType<PublishResult.Denied>(world.Publish(first, "uninvited"));

        var capability = world.Invite(group, guest.PublicKey, GroupRights.Publish, TimeSpan.FromDays(1));
        var second = world.Join(group, first.Node, new JoinOptions { Author = guest, Capability = capability });
        Assert.IsType<PublishResult.Published>(world.Publish(second, "invited"));
        Assert.IsType<PublishResult.Published>(world.Publish(first, "as well"));
    }

    private static void AssertEnded(ScribeWorld world, Member member, MembershipEnd cause)
    {
        Assert.Equal(new GroupEvent.Ended(cause), member.Others.LastOrDefault());
        Assert.True(member.HasEnded, $"{world.Seed}: its events go on");
        Assert.Throws<ScribeException>(() => world.Publish(member, "nobody hears"));
    }
}
