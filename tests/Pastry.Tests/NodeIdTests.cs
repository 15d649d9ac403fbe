using P2P.Pastry;

namespace Pastry.Tests;

public class NodeIdTests
{
    public static TheoryData<int> DigitWidths => [1, 2, 3, 4, 5, 6, 7, 8];

    [Theory]
    [MemberData(nameof(DigitWidths))]
    public void Digits_of_every_width_spell_the_identifier(int bits)
    {
        var random = new Random(bits);
        for (var round = 0; round < 200; round++)
        {
            var id = random.NextId();
            var binary = string.Concat(Enumerable.Range(0, 128).Select(bit => (id.Value >> (127 - bit) & 1) == 1 ? '1' : '0'));
            var digits = binary.Chunk(bits).Select(chunk => Convert.ToInt32(new string(chunk), 2)).ToArray();

            Assert.Equal(digits.Length, NodeId.DigitCount(bits));
            Assert.Equal(digits, Enumerable.Range(0, digits.Length).Select(row => id.Digit(row, bits)));
        }
    }

    [Theory]
    [MemberData(nameof(DigitWidths))]
    public void Shared_digits_are_those_before_the_first_that_differs(int bits)
    {
        var random = new Random(bits);
        for (var round = 0; round < 500; round++)
        {
            var left = random.NextId();
            var right = new NodeId(left.Value ^ (random.NextId().Value >> random.Next(129)));
            var count = NodeId.DigitCount(bits);
            var expected = Enumerable.Range(0, count).TakeWhile(row => left.Digit(row, bits) == right.Digit(row, bits)).Count();

            Assert.Equal(expected, left.SharedDigits(right, bits));
            Assert.Equal(expected, right.SharedDigits(left, bits));
        }
    }

    [Fact]
    public void Distance_is_the_shorter_way_around()
    {
        var zero = new NodeId(0);
        Assert.Equal((UInt128)1, zero.DistanceTo(new NodeId(UInt128.MaxValue)));
        Assert.Equal(UInt128.MaxValue, zero.ClockwiseTo(new NodeId(UInt128.MaxValue)));
        Assert.Equal((UInt128)1, new NodeId(UInt128.MaxValue).ClockwiseTo(zero));
        Assert.Equal(UInt128.One << 127, zero.DistanceTo(new NodeId(UInt128.One << 127)));
    }

    [Fact]
    public void Of_two_at_the_same_distance_the_one_clockwise_of_the_key_is_closer()
    {
        var (key, before, after) = (new NodeId(10), new NodeId(7), new NodeId(13));
        Assert.True(after.IsCloserTo(key, before));
        Assert.False(before.IsCloserTo(key, after));
        Assert.False(before.IsCloserTo(key, before));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Closeness_orders_all_nodes_strictly(bool edgy)
    {
        var random = new Random(5);
        for (var round = 0; round < 20_000; round++)
        {
            var (key, a, b, c) = (Next(), Next(), Next(), Next());
            Assert.Equal(a != b, a.IsCloserTo(key, b) ^ b.IsCloserTo(key, a));
            Assert.True(!(a.IsCloserTo(key, b) && b.IsCloserTo(key, c)) || a.IsCloserTo(key, c), $"{a} {b} {c} to {key}");
        }

        NodeId Next() => edgy ? random.NextEdgyId() : random.NextId();
    }

    [Fact]
    public void Text_and_bytes_lead_back_to_the_identifier()
    {
        var random = new Random(1);
        var bytes = new byte[NodeId.ByteLength];
        for (var round = 0; round < 200; round++)
        {
            var id = random.NextId();
            id.WriteBytes(bytes);
            Assert.Equal(id, NodeId.FromBytes(bytes));
            Assert.Equal(id, NodeId.Parse(id.ToString()));
            Assert.Equal(id, NodeId.Parse(id.ToString().ToUpperInvariant()));
            Assert.Equal(id.ToString()[..8], $"{id:s}");
            Assert.Equal(Convert.ToHexStringLower(bytes), id.ToString());
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("1234")]
    [InlineData("0123456789abcdef0123456789abcdeg")]
    [InlineData(" 123456789abcdef0123456789abcdef")]
    [InlineData("+123456789abcdef0123456789abcdef")]
    [InlineData("0123456789abcdef0123456789abcdef0")]
    public void Text_of_any_other_form_is_refused(string text)
    {
        Assert.False(NodeId.TryParse(text, null, out _));
        Assert.Throws<FormatException>(() => NodeId.Parse(text));
    }

    [Fact]
    public void Bytes_of_another_length_are_refused() => Assert.Throws<ArgumentException>(() => NodeId.FromBytes(new byte[15]));
}
