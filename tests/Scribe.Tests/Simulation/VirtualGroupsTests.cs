using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Protocol;
using P2P.Scribe.Simulation;

namespace Scribe.Tests.Simulation;

/// <summary>A stream of messages flows through larger groups whose tree is struck, and the members are late by as much as the failure time-out explains.</summary>
public sealed class VirtualGroupsTests
{
    private readonly Dictionary<(NodeId Author, ulong Number), (Instant At, bool IsAcknowledged)> _published = [];
    private readonly Dictionary<int, List<(Instant At, VirtualDelivery Delivery)>> _delivered = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_node_that_becomes_a_keeper_of_a_busy_group_catches_up(ulong seed)
    {
        var (groups, group) = Form(60, seed, new GroupPolicy { HistoryCount = 16 });
        Flow(groups, group, 40);
        groups.Overlay.Nodes.Last(node => MachineOf(node).RecordOf(group) is { Role: RootRole.Keeper }).Crash();
        Flow(groups, group, 400);
        groups.Overlay.Run(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(_published, message => !message.Value.IsAcknowledged);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void Authors_find_the_next_rendezvous_point_before_the_overlay_knows_that_the_last_one_is_dead(ulong seed)
    {
        var (groups, group) = Form(150, seed);
        Flow(groups, group, 40);
        var struckAt = groups.Overlay.Now;
        groups.Overlay.Nodes.Single(node => groups.PlacesOf(node) is [{ IsRoot: true }]).Crash();
        Flow(groups, group, 160);
        groups.Overlay.Run(TimeSpan.FromSeconds(20));
        Assert.True(HeldUpUntil(groups) - struckAt < TimeSpan.FromSeconds(4), $"seed {seed}: members were held up for {HeldUpUntil(groups) - struckAt}");
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Members_are_not_held_up_again_when_the_overlay_has_found_out_who_is_dead(ulong seed)
    {
        var (groups, group) = Form(200, seed);
        Flow(groups, group, 40);
        var struckAt = groups.Overlay.Now;
        SimulatedNode[] dying = [.. groups.Overlay.Nodes.Where(node => groups.PlacesOf(node) is [{ IsRoot: false }]).OrderBy(_ => groups.Overlay.NextRandom(1000)).Take(50)];
        Assert.All(dying, node => node.Crash());
        Flow(groups, group, 500);
        groups.Overlay.Run(TimeSpan.FromSeconds(20));
        Assert.True(HeldUpUntil(groups) - struckAt < TimeSpan.FromSeconds(5), $"seed {seed}: members were held up for {HeldUpUntil(groups) - struckAt}");
    }

    private static ScribeMachine MachineOf(SimulatedNode node) => (ScribeMachine)node.Applications[0];

    private (VirtualGroups Groups, GroupId Group) Form(int nodes, ulong seed, GroupPolicy? policy = null)
    {
        PastrySimulation? overlay = null;
        var groups = new VirtualGroups(new()
        {
            Overlay = new PastrySimulationOptions { Seed = seed },
            Delivered = (node, delivery) => (_delivered.TryGetValue(node.Host, out var list) ? list : _delivered[node.Host] = []).Add((overlay!.Now, delivery)),
        });
        overlay = groups.Overlay;
        Assert.True(groups.Grow(nodes), $"seed {seed}: the ring did not form");
        var group = groups.Create("members", policy);
        overlay.Run(TimeSpan.FromSeconds(5));
        var joined = 0;
        foreach (var node in overlay.Nodes)
        {
            groups.Join(node, group, isIn => joined += isIn ? 1 : 0);
        }

        overlay.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(nodes, joined);
        return (groups, group);
    }

    /// <summary>Three authors, who live, publish 20 messages a second in turn.</summary>
    private void Flow(VirtualGroups groups, GroupId group, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var author = groups.Overlay.Nodes.Where(node => node.IsUp).Skip(i % 3).First();
            (NodeId, ulong)? key = null;
            key = (author.Handle.Id, groups.Publish(author, group, place => _published[key!.Value] = _published[key.Value] with { IsAcknowledged = place is not null }));
            _published[key.Value] = (groups.Overlay.Now, false);
            groups.Overlay.Run(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>Tells when a member that lives got the last message that took longer than a second; each got all that were acknowledged, in order.</summary>
    private Instant HeldUpUntil(VirtualGroups groups)
    {
        var last = default(Instant);
        var acknowledged = _published.Where(message => message.Value.IsAcknowledged).Select(message => message.Key).ToHashSet();
        foreach (var (host, deliveries) in _delivered.Where(member => groups.Overlay.Nodes[member.Key].IsUp))
        {
            Assert.True(acknowledged.IsSubsetOf(deliveries.Select(got => (got.Delivery.Author, got.Delivery.Number))), $"seed {groups.Overlay.Seed}: host {host} lacks messages");
            Assert.Equal(deliveries.Select(got => got.Delivery.Position).Order(), deliveries.Select(got => got.Delivery.Position));
            last = deliveries
                .Where(got => got.At - _published[(got.Delivery.Author, got.Delivery.Number)].At > TimeSpan.FromSeconds(1))
                .Select(got => got.At)
                .Append(last)
                .Max();
        }

        return last;
    }
}
