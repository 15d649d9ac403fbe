using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace Scribe.Tests.Simulation;

/// <summary>Is a group whose members are all nodes of a ring, with a stream of messages in it.</summary>
internal sealed class MessageStream
{
    private readonly Dictionary<(NodeId Author, ulong Number), (Instant At, bool IsAcknowledged)> _published = [];
    private readonly Dictionary<int, List<(Instant At, VirtualDelivery Delivery)>> _delivered = [];

    public MessageStream(int nodes, ulong seed, GroupPolicy? policy = null)
    {
        PastrySimulation? overlay = null;
        Groups = new VirtualGroups(new()
        {
            Overlay = new PastrySimulationOptions { Seed = seed },
            Delivered = (node, delivery) => (_delivered.TryGetValue(node.Host, out var list) ? list : _delivered[node.Host] = []).Add((overlay!.Now, delivery)),
        });
        overlay = Groups.Overlay;
        Assert.True(Groups.Grow(nodes), $"seed {seed}: the ring did not form");
        Group = Groups.Create("members", policy);
        overlay.Run(TimeSpan.FromSeconds(5));
        var joined = 0;
        foreach (var node in overlay.Nodes)
        {
            Groups.Join(node, Group, isIn => joined += isIn ? 1 : 0);
        }

        overlay.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(nodes, joined);
    }

    public VirtualGroups Groups { get; }

    public GroupId Group { get; }

    public PastrySimulation Overlay => Groups.Overlay;

    public string Seed => $"seed {Overlay.Seed}";

    public int UnacknowledgedCount => _published.Count(message => !message.Value.IsAcknowledged);

    public SimulatedNode Root => Overlay.Nodes.Single(node => Groups.PlacesOf(node) is [{ IsRoot: true }]);

    /// <summary>Draws nodes of the tree, but the root.</summary>
    public SimulatedNode[] Draw(int count, bool withChildren) =>
        [.. Overlay.Nodes.Where(node => Groups.PlacesOf(node) is [{ IsRoot: false } place] && (!withChildren || place.Children.Count > 0)).OrderBy(_ => Overlay.NextRandom(1000)).Take(count)];

    /// <summary>Three authors, who live, publish 20 messages a second in turn.</summary>
    public void Flow(int count)
    {
        for (var i = 0; i < count; i++)
        {
            var author = Overlay.Nodes.Where(node => node.IsUp).Skip(i % 3).First();
            (NodeId, ulong)? key = null;
            key = (author.Handle.Id, Groups.Publish(author, Group, place => _published[key!.Value] = _published[key.Value] with { IsAcknowledged = place is not null }));
            _published[key.Value] = (Overlay.Now, false);
            Overlay.Run(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>
    /// Tells when a member that lives got the last message that took longer than a second; each got all that were acknowledged, in one order: at a place stands the same
    /// message for all.
    /// </summary>
    public Instant HeldUpUntil()
    {
        var last = default(Instant);
        var places = new Dictionary<GroupPosition, (NodeId Author, ulong Number)>();
        var acknowledged = _published.Where(message => message.Value.IsAcknowledged).Select(message => message.Key).ToHashSet();
        foreach (var (host, deliveries) in _delivered.Where(member => Overlay.Nodes[member.Key].IsUp))
        {
            Assert.True(acknowledged.IsSubsetOf(deliveries.Select(got => (got.Delivery.Author, got.Delivery.Number))), $"{Seed}: host {host} lacks messages");
            Assert.Equal(deliveries.Select(got => got.Delivery.Position).Distinct().Order(), deliveries.Select(got => got.Delivery.Position));
            Assert.All(deliveries, got => Assert.True(
                places.TryAdd(got.Delivery.Position, (got.Delivery.Author, got.Delivery.Number)) || places[got.Delivery.Position] == (got.Delivery.Author, got.Delivery.Number),
                $"{Seed}: at {got.Delivery.Position} host {host} has another message than others"));
            last = deliveries
                .Where(got => got.At - _published[(got.Delivery.Author, got.Delivery.Number)].At > TimeSpan.FromSeconds(1))
                .Select(got => got.At)
                .Append(last)
                .Max();
        }

        return last;
    }
}
