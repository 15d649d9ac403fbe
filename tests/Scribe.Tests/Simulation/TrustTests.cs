using P2P.Pastry;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Wire;

namespace Scribe.Tests.Simulation;

/// <summary>Who may join and publish, and how much, holds against those who may not.</summary>
public sealed class TrustTests
{
    [Theory]
    [InlineData(Dissemination.ThroughRoot)]
    [InlineData(Dissemination.Crawling)]
    public void Where_authors_are_invited_nobody_else_publishes(Dissemination dissemination)
    {
        var world = new ScribeWorld(40, seed: 61);
        var group = world.Create("news", new GroupPolicy { Authors = GroupAudience.Invited, Dissemination = dissemination }).Id;
        world.JoinMany(group, 5);
        using var guest = SigningKey.Create();
        var capability = Issue(world.Creator, group, guest.PublicKey, GroupRights.Publish, days: 1);
        using var stranger = SigningKey.Create();
        GroupCapability[] wrong =
        [
            Issue(world.Creator, group, stranger.PublicKey, GroupRights.Publish, days: -1),
            Issue(stranger, group, stranger.PublicKey, GroupRights.Publish, days: 1),
            Issue(world.Creator, group, stranger.PublicKey, GroupRights.Join, days: 1),
            capability,
        ];
        var invited = world.Join(group, options: new JoinOptions { Author = guest, Capability = capability });
        var creator = world.Join(group, options: new JoinOptions { Author = world.Creator });
        var uninvited = wrong.Select(capability => world.Join(group, options: new JoinOptions { Author = stranger, Capability = capability })).ToArray();

        Assert.IsType<PublishResult.Denied>(world.Publish(world.Members[0], "outsider"));
        Assert.IsType<PublishResult.Published>(world.Publish(invited, "guest"));
        Assert.IsType<PublishResult.Published>(world.Publish(creator, "creator"));
        Assert.All(uninvited, member => Assert.IsType<PublishResult.Denied>(world.Publish(member, "wrong")));
        world.Run(5);
        Assert.All(world.Members, member => Assert.Equal(["creator", "guest"], member.Ordered.Order()));
    }

    [Theory]
    [InlineData(Dissemination.ThroughRoot)]
    [InlineData(Dissemination.Crawling)]
    public void An_invitation_is_good_until_it_expires_and_what_was_published_with_it_longer(Dissemination dissemination)
    {
        var world = new ScribeWorld(40, seed: 67);
        var group = world.Create("news", new GroupPolicy { Authors = GroupAudience.Invited, Dissemination = dissemination }).Id;
        using var guest = SigningKey.Create();
        var capability = world.Invite(group, guest.PublicKey, GroupRights.Publish, TimeSpan.FromMinutes(1));
        var invited = world.Join(group, options: new JoinOptions { Author = guest, Capability = capability });
        world.JoinMany(group, 8);
        Assert.IsType<PublishResult.Published>(world.Publish(invited, "in time"));
        world.Run(60);
        Assert.IsType<PublishResult.Denied>(world.Publish(invited, "too late"));

        world.JoinMany(group, 8, _ => new JoinOptions { HistoryCount = 5 });
        world.Run(5);
        Assert.All(world.Members, member => Assert.Equal(["in time"], member.Ordered));
        Assert.All(world.Members, member => Assert.Empty(member.Others));
    }

    [Theory]
    [InlineData(67, Dissemination.ThroughRoot)]
    [InlineData(68, Dissemination.Crawling)]
    public void An_invitation_that_is_over_is_good_for_what_was_published_before_and_for_nothing_else(ulong seed, Dissemination dissemination)
    {
        var world = new ScribeWorld(40, seed);
        var group = world.Create("news", new GroupPolicy { Authors = GroupAudience.Invited, Dissemination = dissemination }).Id;
        world.JoinMany(group, 10);
        using var guest = SigningKey.Create();
        var capability = Issue(world.Creator, group, guest.PublicKey, GroupRights.Publish, world.Overlay.Time.GetUtcNow().AddSeconds(30));
        var invited = world.Join(group, options: new JoinOptions { Author = guest, Capability = capability });
        for (var i = 0; i < 3; i++)
        {
            Assert.IsType<PublishResult.Published>(world.Publish(invited, $"{i}"));
        }

        world.Run(60);
        Assert.IsNotType<PublishResult.Published>(world.Publish(invited, "too late"));
        var late = Enumerable.Range(0, 5).Select(_ => world.Join(group, options: new JoinOptions { HistoryCount = 10 })).ToArray();
        world.Run(30);
        Assert.All(world.Members.Except(late), member => Assert.Equal(["0", "1", "2"], member.Ordered));
        Assert.All(late, member => Assert.Equal(["0", "1", "2"], member.Ordered));
        Assert.Empty(world.CheckTree(group));
    }

    [Fact]
    public void Where_members_are_invited_nobody_else_joins()
    {
        var world = new ScribeWorld(40, seed: 62);
        var group = world.Create("club", new GroupPolicy { Members = GroupAudience.Invited }).Id;
        var denied = world.Scribe.Run(() => world.Scribe.ScribeOf(world.Pick()).JoinAsync(group).AsTask(), ScribeWorld.Limit);
        Assert.IsType<JoinResult.Denied>(denied);
        using var guest = SigningKey.Create();
        world.Join(group, options: new JoinOptions { Author = guest, Capability = Issue(world.Creator, group, guest.PublicKey, GroupRights.Join, days: 1) });

        // Nor at a node that is in the tree already.
        var atRoot = world.Scribe.ScribeOf(world.RootOf(group));
        Assert.IsType<JoinResult.Denied>(world.Scribe.Run(() => atRoot.JoinAsync(group).AsTask(), ScribeWorld.Limit));
        world.Join(group, world.RootOf(group), new JoinOptions { Author = guest, Capability = Issue(world.Creator, group, guest.PublicKey, GroupRights.Join, days: 1) });
    }

    [Theory]
    [InlineData(Dissemination.ThroughRoot)]
    [InlineData(Dissemination.Crawling)]
    public void Who_floods_is_refused_and_others_are_not(Dissemination dissemination)
    {
        var world = new ScribeWorld(40, seed: 63);
        var group = world.Create("calm", new GroupPolicy { MessagesPerSecondMax = 10, Dissemination = dissemination }).Id;
        world.JoinMany(group, 10);
        var flood = world.Scribe.Run(
            () => Task.WhenAll(Enumerable.Range(0, 300).Select(async i =>
            {
                await Task.Delay(TimeSpan.FromMilliseconds(i), world.Overlay.Time);
                return await world.Members[0].Group.PublishAsync("flood"u8.ToArray());
            })),
            ScribeWorld.Limit);
        Assert.InRange(flood.Count(result => result is PublishResult.Published), 10, 40);
        Assert.Contains(flood, result => result is PublishResult.TooMany);
        Assert.IsType<PublishResult.Published>(world.Publish(world.Members[1], "calm"));
        world.Run(3);
        Assert.All(world.Members, member => Assert.Contains("calm", member.Ordered));
        Assert.All(world.Members, member => Assert.Empty(member.Others));
    }

    [Theory]
    [InlineData(64, DeliveryClass.Ordered)]
    [InlineData(65, DeliveryClass.Ordered)]
    [InlineData(66, DeliveryClass.BestEffort)]
    public void Where_messages_crawl_the_neighbours_of_a_node_that_floods_pass_on_no_more_than_is_allowed(ulong seed, DeliveryClass deliveryClass)
    {
        const int Rate = 10, Seconds = 8, PerSecond = 1000;
        var world = new ScribeWorld(40, seed);
        var group = world.Create("besieged", new GroupPolicy { MessagesPerSecondMax = Rate, Dissemination = Dissemination.Crawling }).Id;
        world.JoinMany(group, 12);
        var flooder = world.Members[0].Node;
        using var key = world.Overlay.NextKey();
        var calm = new List<string>();
        for (var i = 0UL; i < Seconds * PerSecond; i++)
        {
            // Its node does not refuse what is too much, as an honest one does.
            var batch = ScribeWorld.Sign(group, key, number: i + 1, new BatchItem(deliveryClass, 0, "flood"u8.ToArray()));
            flooder.Post(ScribeWorld.MachineOf(flooder), new PublishBatch(batch));
            if (i % (PerSecond / 5) == 0)
            {
                calm.Add($"calm {i}");
                Assert.IsType<PublishResult.Published>(world.Publish(world.Members[1 + (int)(i % 11)], calm[^1]));
            }

            world.Run(1.0 / PerSecond);
        }

        world.Run(1);
        var others = world.Members.Skip(1).ToArray();
        Assert.All(others, member => Assert.Equal(calm.Order(), member.Ordered.Where(text => text != "flood").Order()));
        Assert.All(others, member => Assert.InRange(member.Ordered.Concat(member.Loose).Count(text => text == "flood"), 1, 20 * Rate + 2 * Rate * (Seconds + 2)));
        Assert.True(world.Overlay.Nodes.Sum(node => ScribeWorld.MachineOf(node).Counters.TooMany) > Seconds * PerSecond / 2, world.Seed);

        // Of what was ordered members have learnt how much they have missed, and of whom.
        world.Run(120);
        Assert.All(others, member => Assert.All(member.Others.OfType<GroupEvent.Gap>(), gap => Assert.Equal(key.PublicKey.NodeId, gap.Author)));
        Assert.All(others.Where(_ => deliveryClass == DeliveryClass.Ordered), member => Assert.Equal(
            Seconds * PerSecond,
            member.Ordered.Count(text => text == "flood") + member.Others.Sum(happened => happened is GroupEvent.Gap gap ? (int)(gap.Last - gap.First + 1) : 0)));
    }

    private static GroupCapability Issue(SigningKey creator, GroupId group, PublicKey holder, GroupRights rights, int days) =>
        Issue(creator, group, holder, rights, Now.AddDays(days));

    private static GroupCapability Issue(SigningKey creator, GroupId group, PublicKey holder, GroupRights rights, DateTimeOffset expiresAt) =>
        GroupCapability.IssueAsync(creator, group, holder, rights, expiresAt).AsTask().Result;

    private static DateTimeOffset Now => SimulatedNow.Value;

    private static readonly Lazy<DateTimeOffset> SimulatedNow = new(() => new P2P.Pastry.Simulation.PastrySimulation().Time.GetUtcNow());
}
