using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

public class RoutingTableTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Every_node_lies_in_the_slot_of_its_prefix_and_next_digit(int bits)
    {
        var random = new Random(bits);
        var self = random.NextId();
        var table = new RoutingTable(self, bits);
        var slots = new Dictionary<(int Row, int Digit), NodeHandle>();
        for (var step = 0; step < 2000; step++)
        {
            var id = new NodeId(self.Value ^ (random.NextId().Value >> random.Next(128)));
            var slot = (self.SharedDigits(id, bits), id == self ? 0 : id.Digit(self.SharedDigits(id, bits), bits));
            if (random.Next(3) == 0)
            {
                var held = slots.TryGetValue(slot, out var node) && node.Id == id;
                Assert.Equal(held ? slot.Item1 : -1, table.Remove(id));
                if (held)
                {
                    slots.Remove(slot);
                }
            }
            else if (id != self)
            {
                Assert.Equal(slots.TryAdd(slot, Nodes.At(id)), table.Consider(Nodes.At(id), float.NaN, new Instant(1)));
            }

            Assert.Equal(slots.Count, table.Count);
        }

        foreach (var ((row, _), node) in slots)
        {
            Assert.Equal(node, table.Find(row, node.Id));
        }

        for (var row = 0; row < table.RowCount; row++)
        {
            Assert.Equal(slots.Where(slot => slot.Key.Row == row).OrderBy(slot => slot.Key.Digit).Select(slot => slot.Value), table.Row(row));
        }
    }

    [Fact]
    public void Slot_goes_to_the_nearer_node_once_it_was_measured()
    {
        var table = new RoutingTable(new NodeId(0), bitsPerDigit: 4);
        var (far, near, unknown) = (Nodes.At((UInt128)1 << 124), Nodes.At(((UInt128)1 << 124) + 1), Nodes.At(((UInt128)1 << 124) + 2));

        Assert.True(table.Consider(far, 50, new Instant(1)));
        Assert.False(table.Consider(unknown, float.NaN, new Instant(1)));
        Assert.True(table.Consider(near, 10, new Instant(1)));
        Assert.False(table.Consider(far, 50, new Instant(1)));
        Assert.Equal(near, table.Find(0, far.Id));
        Assert.Equal(1, table.Count);
    }

    [Fact]
    public void Later_life_takes_the_place_of_the_earlier()
    {
        var table = new RoutingTable(new NodeId(0), bitsPerDigit: 4);
        Assert.True(table.Consider(Nodes.At(5, incarnation: 1), 10, new Instant(1)));
        Assert.True(table.Consider(Nodes.At(5, incarnation: 2), float.NaN, new Instant(1)));
        Assert.False(table.Consider(Nodes.At(5, incarnation: 1), 1, new Instant(1)));
        Assert.Equal(2u, table.Find(31, new NodeId(5))!.Incarnation);
    }

    [Fact]
    public void What_others_say_never_takes_the_place_of_who_has_spoken()
    {
        var table = new RoutingTable(new NodeId(0), bitsPerDigit: 4);
        Assert.True(table.Consider(Nodes.At(5, incarnation: 3), float.NaN, new Instant(1)));
        Assert.False(table.Suggest(Nodes.At(5, incarnation: 99)));
        Assert.True(table.HasSpoken(new NodeId(5)));
        Assert.Equal(3u, table.Find(new NodeId(5))!.Incarnation);
    }

    [Fact]
    public void Who_has_spoken_takes_the_place_of_what_others_say()
    {
        var table = new RoutingTable(new NodeId(0), bitsPerDigit: 4);
        Assert.True(table.Suggest(Nodes.At(5, incarnation: 99)));
        Assert.False(table.HasSpoken(new NodeId(5)));
        Assert.True(table.Consider(Nodes.At(5, incarnation: 3), float.NaN, new Instant(1)));
        Assert.Equal(3u, table.Find(new NodeId(5))!.Incarnation);

        Assert.True(table.Suggest(Nodes.At((UInt128)1 << 100)));
        Assert.True(table.Consider(Nodes.At(((UInt128)1 << 100) + 1), float.NaN, new Instant(1)));
        Assert.Equal(2, table.Count);
    }

    [Fact]
    public void Owner_has_no_slot()
    {
        var table = new RoutingTable(new NodeId(5), bitsPerDigit: 4);
        Assert.False(table.Consider(Nodes.At(5), 1, new Instant(1)));
        Assert.Equal(-1, table.Remove(new NodeId(5)));
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void Who_was_silent_longest_is_found_apart_from_those_who_never_spoke()
    {
        var table = new RoutingTable(default, bitsPerDigit: 4);
        var leafSet = new LeafSet(default, size: 2);
        var (early, late, named) = (Node(1), Node(2), Node(3));
        table.Consider(late, float.NaN, At(20));
        table.Consider(early, float.NaN, At(10));
        Assert.Equal(early, Silent().Node);
        Assert.Equal(TimeSpan.FromSeconds(50), Silent().SilentFor(At(60)));

        table.Hear(early, At(30));
        Assert.Equal(late, Silent().Node);

        table.Suggest(named);
        Assert.Equal(late, Silent().Node);
        Assert.Equal(named, table.LongestSilent(leafSet, hasSpoken: false, out _).Node);
        table.Hear(named, At(40));
        Assert.Null(table.LongestSilent(leafSet, hasSpoken: false, out _).Node);

        // Members of the leaf set are looked after elsewhere.
        leafSet.Add(late, []);
        Assert.Equal(early, Silent().Node);
        table.LongestSilent(leafSet, hasSpoken: true, out var count);
        Assert.Equal(2, count);

        RoutingTable.Cell Silent() => table.LongestSilent(leafSet, hasSpoken: true, out _);

        static NodeHandle Node(uint digit) => Nodes.At((UInt128)digit << 124);

        static Instant At(int seconds) => Instant.Zero + TimeSpan.FromSeconds(seconds);
    }
}
