using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

public class LeafSetTests
{
    public static TheoryData<int, int> SizesAndSeeds
    {
        get
        {
            var data = new TheoryData<int, int>();
            foreach (var size in (int[])[2, 4, 8, 16, 32])
            {
                for (var seed = 0; seed < 4; seed++)
                {
                    data.Add(size, seed);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SizesAndSeeds))]
    public void Leaf_set_equals_the_sorted_list_through_any_additions_and_removals(int size, int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 10; round++)
        {
            var self = NextId();
            var leafSet = new LeafSet(self, size);
            var oracle = new SortedOracle(self, size);
            for (var step = 0; step < 150; step++)
            {
                // Removals win in waves, so that small, overlapping sets are seen as often as full ones.
                var removes = oracle.Members.Count > 0 && random.Next(100) < (step / 40 % 2 == 0 ? 20 : 60);
                if (removes)
                {
                    var gone = oracle.Members[random.Next(oracle.Members.Count)].Id;
                    Assert.True(leafSet.Remove(gone));
                    oracle.Remove(gone);
                }
                else
                {
                    var node = Nodes.At(NextId());
                    Assert.Equal(oracle.WouldAdmit(node.Id), leafSet.WouldAdmit(node.Id));
                    var displaced = new List<NodeHandle>();
                    Assert.Equal(oracle.Add(node, out var expectedDisplaced), leafSet.Add(node, displaced));
                    Assert.Equal(expectedDisplaced.ToHashSet(), displaced.ToHashSet());
                }

                oracle.AssertEqual(leafSet);
                for (var lookup = 0; lookup < 4; lookup++)
                {
                    oracle.AssertClosest(leafSet, NextId(), random);
                }
            }
        }

        NodeId NextId() => seed % 2 == 0 ? random.NextId() : random.NextEdgyId();
    }

    [Fact]
    public void Key_beyond_half_the_ring_goes_to_the_side_that_covers_it()
    {
        // Full, with the clockwise side reaching around three quarters of the ring.
        var leafSet = Of(new NodeId(0), size: 4, Quarter(1), Quarter(3), Quarter(4) - 1, Quarter(4) - 2);
        Assert.True(leafSet.IsFull);
        Assert.Equal(Quarter(3), leafSet.Closest(new NodeId(Quarter(3) - 1))!.Id.Value);

        static UInt128 Quarter(int quarters) => unchecked((UInt128)(uint)quarters * (UInt128.One << 126));
    }

    [Fact]
    public void Side_that_has_lost_all_its_members_is_filled_from_the_other()
    {
        var leafSet = Of(new NodeId(100), size: 2, 90, 110);
        Assert.True(leafSet.Remove(new NodeId(110)));

        Assert.Equal((UInt128)90, leafSet.Right!.Id.Value);
        Assert.Equal((UInt128)90, leafSet.Left!.Id.Value);
        Assert.False(leafSet.IsFull);
    }

    [Fact]
    public void Later_life_of_a_member_takes_its_place()
    {
        var leafSet = Of(new NodeId(0), size: 4, 1, 2);
        var version = leafSet.Version;
        Assert.False(leafSet.Add(Nodes.At(1, incarnation: 1), []));
        Assert.Equal(version, leafSet.Version);
        Assert.True(leafSet.Add(Nodes.At(1, incarnation: 2), []));
        Assert.False(leafSet.Add(Nodes.At(1, incarnation: 1), []));

        Assert.Equal(2u, leafSet.Find(new NodeId(1))!.Incarnation);
        Assert.Equal(2, leafSet.Members.Length);
        Assert.All(leafSet.Members, member => Assert.Equal(member.Id.Value == 1 ? 2u : 1u, member.Incarnation));
    }

    [Fact]
    public void Owner_is_never_a_member()
    {
        var leafSet = new LeafSet(new NodeId(7), 8);
        Assert.False(leafSet.WouldAdmit(new NodeId(7)));
        Assert.False(leafSet.Add(Nodes.At(7), []));
        Assert.Empty(leafSet.Members);
    }

    [Fact]
    public void Array_of_members_is_never_changed()
    {
        var leafSet = Of(new NodeId(0), size: 4, 1, 2, 3);
        var before = leafSet.Members;
        var copy = before.ToArray();
        leafSet.Remove(new NodeId(2));
        leafSet.Add(Nodes.At(9), []);
        Assert.Equal(copy, before);
    }

    private static LeafSet Of(NodeId self, int size, params UInt128[] members)
    {
        var leafSet = new LeafSet(self, size);
        foreach (var member in members)
        {
            leafSet.Add(Nodes.At(member), []);
        }

        return leafSet;
    }

    /// <summary>Says by sorting what a leaf set should hold that knows its members only.</summary>
    private sealed class SortedOracle(NodeId self, int size)
    {
        private readonly List<NodeHandle> _members = [];

        public List<NodeHandle> Members => _members;

        public bool WouldAdmit(NodeId id) => id != self && _members.TrueForAll(node => node.Id != id) && Kept([.. _members, Nodes.At(id)]).Exists(node => node.Id == id);

        public bool Add(NodeHandle node, out List<NodeHandle> displaced)
        {
            displaced = [];
            if (!WouldAdmit(node.Id))
            {
                return false;
            }

            var kept = Kept([.. _members, node]);
            displaced = [.. _members.Except(kept)];
            _members.Clear();
            _members.AddRange(kept);
            return true;
        }

        public void Remove(NodeId id) => _members.RemoveAll(node => node.Id == id);

        public void AssertEqual(LeafSet leafSet)
        {
            var (right, left) = (Right(_members), Left(_members));
            Assert.Equal(right, leafSet.Clockwise.ToArray());
            Assert.Equal(left, leafSet.Counterclockwise.ToArray());
            Assert.Equal(_members.ToHashSet(), leafSet.Members.ToHashSet());
            Assert.Equal(_members.Count, leafSet.Members.Length);
            Assert.Equal(right.FirstOrDefault(), leafSet.Right);
            Assert.Equal(left.FirstOrDefault(), leafSet.Left);
            Assert.Equal(right.LastOrDefault(), leafSet.Rightmost);
            Assert.Equal(left.LastOrDefault(), leafSet.Leftmost);
            if (_members.Count < size)
            {
                Assert.False(leafSet.IsFull);
            }

            Assert.All(_members, member => Assert.True(leafSet.Contains(member.Id)));
            Assert.Null(leafSet.Find(self));
        }

        public void AssertClosest(LeafSet leafSet, NodeId key, Random random)
        {
            if (!leafSet.Covers(key))
            {
                Assert.True(key.DistanceTo(self) > UInt128.Min(leafSet.Rightmost!.Id.DistanceTo(self), leafSet.Leftmost!.Id.DistanceTo(self)));
                return;
            }

            var suspects = new Suspects();
            foreach (var member in _members.Where(_ => random.Next(4) == 0))
            {
                suspects.Add(member);
            }

            Assert.Equal(Closest(key, _members), leafSet.Closest(key));
            Assert.Equal(Closest(key, _members), leafSet.Closest(key, new Suspects()));
            Assert.Equal(Closest(key, _members.Where(node => !suspects.Contains(node))), leafSet.Closest(key, suspects));
        }

        private NodeHandle? Closest(NodeId key, IEnumerable<NodeHandle> nodes) =>
            nodes.Where(node => node.Id.IsCloserTo(key, self)).Order(Comparer<NodeHandle>.Create(Closeness.To(key))).FirstOrDefault();

        private List<NodeHandle> Kept(List<NodeHandle> known) => [.. Right(known).Union(Left(known))];

        private NodeHandle[] Right(List<NodeHandle> known) => [.. known.OrderBy(node => self.ClockwiseTo(node.Id)).Take(size / 2)];

        private NodeHandle[] Left(List<NodeHandle> known) => [.. known.OrderBy(node => node.Id.ClockwiseTo(self)).Take(size / 2)];
    }
}
