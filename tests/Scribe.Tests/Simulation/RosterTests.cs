using P2P.Pastry;
using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>Members know of each other where their group lets them, and of nobody who only claims it.</summary>
public sealed class RosterTests
{
    private static readonly GroupPolicy Shown = new() { ShowsMembers = true };

    [Theory]
    [InlineData(Dissemination.ThroughRoot)]
    [InlineData(Dissemination.Crawling)]
    public void Members_learn_who_is_there_who_comes_and_who_goes(Dissemination dissemination)
    {
        var world = new ScribeWorld(60, seed: 81);
        var group = world.Create("room", Shown with { Dissemination = dissemination }).Id;
        world.JoinMany(group, 12);
        world.Run(5);
        AssertAllKnow(world, world.Members);

        var late = world.Join(group);
        world.Run(3);
        AssertAllKnow(world, world.Members);
        Assert.Equal(13, late.Others.OfType<GroupEvent.Joined>().Count());
        Assert.All(world.Members, member => Assert.Contains(new GroupEvent.Joined(IdOf(late)), member.Others));

        world.Scribe.Run(() => late.Group.DisposeAsync().AsTask(), ScribeWorld.Limit);
        world.Run(1);
        var rest = world.Members.Where(member => member != late).ToArray();
        AssertAllKnow(world, rest);
        Assert.All(rest, member => Assert.Contains(new GroupEvent.Left(IdOf(late)), member.Others));
    }

    [Fact]
    public void Who_crashes_is_missed_after_a_while_and_who_lives_is_not()
    {
        var world = new ScribeWorld(60, seed: 82);
        var group = world.Create("room", Shown).Id;
        world.JoinMany(group, 15);
        world.Run(5);
        foreach (var member in world.Members.Take(4))
        {
            member.Node.Crash();
        }

        world.Run(90);
        AssertAllKnow(world, [.. world.Alive]);
        Assert.All(world.Alive, member => Assert.Equal(4, member.Others.OfType<GroupEvent.Left>().Count()));
    }

    [Fact]
    public void Nobody_is_shown_where_the_policy_says_no()
    {
        var world = new ScribeWorld(40, seed: 83);
        var group = world.Create("quiet").Id;
        world.JoinMany(group, 5);
        world.Run(10);
        Assert.All(world.Members, member => Assert.Empty(member.Group.Members));
        Assert.All(world.Members, member => Assert.Empty(member.Others));
    }

    [Fact]
    public void Where_members_are_invited_those_are_shown_that_are_and_need_not_be_allowed_to_publish()
    {
        var world = new ScribeWorld(40, seed: 84);
        var group = world.Create("club", Shown with { Members = GroupAudience.Invited, Authors = GroupAudience.Invited }).Id;
        using var guest = SigningKey.Create();
        var creator = world.Join(group, options: new JoinOptions { Author = world.Creator, Capability = Invite(world.Creator.PublicKey) });
        var invited = world.Join(group, options: new JoinOptions { Author = guest, Capability = Invite(guest.PublicKey) });
        world.Run(5);
        NodeId[] both = [.. new[] { world.Creator.PublicKey.NodeId, guest.PublicKey.NodeId }.Order()];
        Assert.Equal(both, creator.Group.Members);
        Assert.Equal(both, invited.Group.Members);
        Assert.IsType<PublishResult.Denied>(world.Publish(invited, "no"));

        GroupCapability Invite(PublicKey key) => world.Scribe.Run(
            () => GroupCapability.IssueAsync(world.Creator, group, key, GroupRights.Join, world.Overlay.Time.GetUtcNow().AddDays(1)).AsTask(), ScribeWorld.Limit);
    }

    [Fact]
    public void A_second_membership_at_a_node_knows_what_the_first_does()
    {
        var world = new ScribeWorld(40, seed: 85);
        var group = world.Create("room", Shown).Id;
        world.JoinMany(group, 4);
        world.Run(5);
        using var other = SigningKey.Create();
        var second = world.Join(group, world.Members[0].Node, new JoinOptions { Author = other });
        world.Run(5);
        Assert.Equal(5, second.Group.Members.Count);
        Assert.Equal(world.Members[1].Group.Members, second.Group.Members);
    }

    private static NodeId IdOf(Member member) => member.Node.Handle.Id;

    private static void AssertAllKnow(ScribeWorld world, IReadOnlyCollection<Member> members)
    {
        NodeId[] all = [.. members.Select(IdOf).Order()];
        Assert.All(members, member => Assert.True(all.SequenceEqual(member.Group.Members), $"{world.Seed}: {IdOf(member):s} knows {member.Group.Members.Count} of {all.Length}"));
    }
}
