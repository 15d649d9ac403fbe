using P2P.Pastry;
using P2P.Pastry.Protocol;
using PastryApplicationId = P2P.Pastry.PastryApplicationId;

namespace Pastry.Tests.Protocol;

/// <summary>What applications may ask of the overlay, compared with all nodes of the ring.</summary>
public class OverlayQueryTests
{
    public static TheoryData<int, bool> Rings => new()
    {
        { 1, false }, { 2, false }, { 3, false }, { 8, false }, { 9, false }, { 10, false }, { 12, false }, { 17, false }, { 60, false },
        { 2, true }, { 3, true }, { 8, true }, { 9, true }, { 10, true }, { 12, true }, { 17, true },
    };

    [Theory]
    [MemberData(nameof(Rings))]
    public void Replica_set_names_the_closest_nodes_of_the_whole_ring(int nodes, bool edgy) => EachNode(nodes, edgy, (ring, overlay, random) =>
    {
        for (var round = 0; round < 20; round++)
        {
            var key = round == 0 ? overlay.Self.Id : NextKey(random, ring);
            var max = random.Next(1, 10);
            var expected = Closest(ring, key);
            var actual = overlay.ReplicaSet(key, max);
            Assert.Equal(expected.Take(actual.Count), actual);
            Assert.True(actual.Count <= max);
            if (ring.Length <= 8)
            {
                Assert.Equal(Math.Min(max, ring.Length), actual.Count);
            }
            else if (round == 0)
            {
                Assert.True(actual.Count >= Math.Min(max, 5), "four members on each side reach at least as far as the fifth closest to the owner");
            }
        }
    });

    [Theory]
    [MemberData(nameof(Rings))]
    public void Range_holds_the_keys_of_which_a_node_is_among_the_closest(int nodes, bool edgy) => EachNode(nodes, edgy, (ring, overlay, random) =>
    {
        for (var round = 0; round < 20; round++)
        {
            var node = round == 0 ? overlay.Self : ring[random.Next(ring.Length)];
            var rank = random.Next(4);
            if (!overlay.TryRange(node, rank, out var from, out var to))
            {
                Assert.True(ring.Length > 8 && (round > 0 || rank > 3), "a node knows its own range");
                continue;
            }

            var edges = new[] { from.Value, from.Value - 1, to.Value, to.Value + 1 }.Select(value => new NodeId(value));
            foreach (var key in edges.Concat(Enumerable.Range(0, 20).Select(_ => NextKey(random, ring))))
            {
                var isAmong = Closest(ring, key).Take(rank + 1).Contains(node);
                Assert.True(isAmong == (from.ClockwiseTo(key) <= from.ClockwiseTo(to)), $"{node.Id}, rank {rank}, {from} to {to}: {key}");
            }
        }
    });

    [Theory]
    [MemberData(nameof(Rings))]
    public void Local_lookup_names_closer_nodes_best_first(int nodes, bool edgy) => EachNode(nodes, edgy, (ring, overlay, random) =>
    {
        for (var round = 0; round < 20; round++)
        {
            var key = NextKey(random, ring);
            foreach (var safe in (bool[])[true, false])
            {
                var known = overlay.LocalLookup(key, 5, safe);
                Assert.True(known.Count <= 5);
                Assert.All(known, node => Assert.True(node.Id.IsCloserTo(key, overlay.Self.Id)));
                Assert.Equal(known.Order(Comparer<NodeHandle>.Create(Closeness.To(key))), known);
                if (ring.Length <= 9)
                {
                    Assert.Equal(Closest(ring, key).TakeWhile(node => node.Id != overlay.Self.Id).Take(5), known);
                }
            }
        }
    });

    [Theory]
    [MemberData(nameof(Rings))]
    public void Neighbor_set_names_the_nearest_on_the_ring_first(int nodes, bool edgy) => EachNode(nodes, edgy, (ring, overlay, random) =>
    {
        for (var max = 0; max <= 4; max++)
        {
            Assert.Equal(Closest(ring, overlay.Self.Id).Skip(1).Take(max), overlay.NeighborSet(max));
        }
    });

    private static void EachNode(int nodes, bool edgy, Action<NodeHandle[], IOverlay, Random> check)
    {
        for (var seed = 0; seed < 10; seed++)
        {
            var random = new Random(seed);
            var ids = new HashSet<NodeId>();
            while (ids.Count < nodes)
            {
                ids.Add(edgy ? random.NextEdgyId() : random.NextId());
            }

            NodeHandle[] ring = [.. ids.Select(id => Nodes.At(id))];
            foreach (var self in ring)
            {
                var application = new Asking();
                var machine = new PastryMachine(self, new PastryOptions { LeafSetSize = 8 }, seed: 1, [application]);
                foreach (var node in ring)
                {
                    machine.LeafSet.Add(node, []);
                    machine.Table.Consider(node, float.NaN, new Instant(1));
                }

                machine.Handle(application, (IOverlay overlay) => check(ring, overlay, random), Instant.Zero, new Outbox());
            }
        }
    }

    private static NodeId NextKey(Random random, NodeHandle[] ring)
    {
        var (a, b) = (ring[random.Next(ring.Length)].Id, ring[random.Next(ring.Length)].Id);
        return random.Next(3) switch
        {
            0 => random.NextId(),
            1 => new NodeId(unchecked(a.Value + a.ClockwiseTo(b) / 2)),
            _ => new NodeId(unchecked(a.Value + (UInt128)random.Next(3) - 1)),
        };
    }

    private static IEnumerable<NodeHandle> Closest(NodeHandle[] ring, NodeId key) => ring.Order(Comparer<NodeHandle>.Create(Closeness.To(key)));

    private sealed class Asking() : PastryApplication(PastryApplicationId.FromName("tests/asking"))
    {
        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }

        protected internal override void Handle(object input, IOverlay overlay) => ((Action<IOverlay>)input)(overlay);
    }
}
