using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

/// <summary>
/// The state of node 10233102 as the slides draw it: identifiers of eight digits in base 4, |L| = 8, |M| = 8.
/// </summary>
/// <remarks>
/// Several of the drawn nodes fit one slot of the table: 10233000, 10233001, 10233021 and 10233033 that of 10233-0-01; 10233230 and
/// 10233232 that of 10233-2-32; 10233120 and 10233122 that of 102331-2-0; 31203203, 31301233 and 33213321 that of 3-1203203. Which one is
/// in it depends on who was met first, or is nearer: those that are drawn in the table come first here.
/// </remarks>
public class SlideExampleTests
{
    private static readonly string[] Smaller = ["10233033", "10233021", "10233001", "10233000"];
    private static readonly string[] Larger = ["10233120", "10233122", "10233230", "10233232"];

    private static readonly string[] Neighborhood =
        ["13021022", "10200230", "11301233", "31301233", "02212102", "22301203", "31203203", "33213321"];

    private static readonly string[][] Rows =
    [
        ["02212102", "22301203", "31203203"],
        ["11301233", "12230203", "13021022"],
        ["10031203", "10132102", "10323302"],
        ["10200230", "10211302", "10222302"],
        ["10230322", "10231000", "10232121"],
        ["10233001", "10233232"],
        ["10233120"],
        [],
    ];

    private readonly NodeState _state = Fed();

    [Fact]
    public void Leaf_set_is_as_drawn()
    {
        Assert.Equal(Smaller, _state.LeafSet.Counterclockwise.ToArray().Select(Spell));
        Assert.Equal(Larger, _state.LeafSet.Clockwise.ToArray().Select(Spell));
    }

    [Fact]
    public void Routing_table_is_as_drawn() =>
        Assert.Equal(Rows, Enumerable.Range(0, Rows.Length).Select(row => _state.Table.Row(row).Select(Spell).ToArray()));

    [Fact]
    public void Neighborhood_set_is_as_drawn() => Assert.Equal(Neighborhood, _state.Neighborhood.Members.ToArray().Select(Spell));

    [Theory]
    [InlineData("10233031", "10233033")] // between two leaves: the closer one
    [InlineData("10233022", "10233021")]
    [InlineData("10233232", "10233232")]
    [InlineData("10233123", "10233122")]
    public void Key_within_the_leaf_set_goes_to_the_closest_leaf(string key, string next) => Assert.Equal(next, NextHop(key));

    [Theory]
    [InlineData("10233102")]
    [InlineData("10233103")]
    [InlineData("10233110")]
    public void Key_that_no_leaf_is_closer_to_stays(string key) => Assert.Null(NextHop(key));

    [Theory]
    [InlineData("30000000", "31203203")]
    [InlineData("02000000", "02212102")]
    [InlineData("12333333", "12230203")]
    [InlineData("10300000", "10323302")]
    [InlineData("10220000", "10222302")]
    [InlineData("10230000", "10230322")]
    public void Any_other_key_goes_to_the_entry_that_shares_one_more_digit(string key, string next) => Assert.Equal(next, NextHop(key));

    [Fact]
    public void Key_whose_slot_is_empty_goes_to_a_closer_node_that_shares_as_many_digits()
    {
        // Without 10-3-23302, the largest leaf is the closest of those that share "10".
        _state.Table.Remove(Id("10323302"));
        Assert.Equal("10233232", NextHop("10321012"));
    }

    [Fact]
    public void Suspected_node_is_passed_over()
    {
        _state.Suspects.Add(Nodes.At(Id("10323302")));
        Assert.Equal("10233232", NextHop("10321012"));
        _state.Suspects.Add(Nodes.At(Id("10233033")));
        Assert.Equal("10233021", NextHop("10233030"));
    }

    private static NodeState Fed()
    {
        var options = new PastryOptions { BitsPerDigit = 2, LeafSetSize = 8, NeighborhoodSize = 8 };
        var state = new NodeState(Nodes.At(Id("10233102")), options, seed: 1);
        foreach (var digits in Rows.SelectMany(row => row).Concat(Smaller).Concat(Larger).Concat(Neighborhood))
        {
            state.LeafSet.Add(Nodes.At(Id(digits)), []);
            state.Table.Consider(Nodes.At(Id(digits)), float.NaN, new Instant(1));
            state.Neighborhood.Consider(Nodes.At(Id(digits)), Array.IndexOf(Neighborhood, digits) is >= 0 and var place ? 1 + place : 100);
        }

        return state;
    }

    private string? NextHop(string key) => new NextHopChoice(_state).Find(Id(key)) is { } next ? Spell(next) : null;

    /// <summary>Puts eight digits in base 4 at the head of an identifier.</summary>
    private static NodeId Id(string digits)
    {
        var head = digits.Aggregate(0u, (number, digit) => number * 4 + (uint)(digit - '0'));
        return new NodeId((UInt128)head << 112);
    }

    private static string Spell(NodeHandle node) => string.Concat(Enumerable.Range(0, 8).Select(row => (char)('0' + node.Id.Digit(row, 2))));
}
