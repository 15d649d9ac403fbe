using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>Of two nodes for one slot of the routing table, the nearer one stays; and those are not measured that can't be nearer.</summary>
public class MeasurementTests
{
    private static readonly NodeHandle Far = Nodes.At((UInt128)0x8100 << 112);
    private static readonly NodeHandle Near = Nodes.At((UInt128)0x8200 << 112);
    private static readonly NodeHandle Gossip = Nodes.At((UInt128)0x9000 << 112);

    private readonly Outbox _output = new();
    private readonly PastryMachine _machine = new(Nodes.At((UInt128)0x1000 << 112), new PastryOptions { LeafSetSize = 2 }, seed: 1, []);
    private Instant _now = new(1);

    public MeasurementTests()
    {
        _machine.StartRing(_now, _output);
        // The leaf set is full, so that others are asked for nothing but a sign of life.
        Say(Nodes.At((UInt128)0x0f00 << 112), Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
        Say(Nodes.At((UInt128)0x1100 << 112), Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
        _output.Clear();
        Assert.True(_machine.LeafSet.IsFull);
    }

    [Fact]
    public void A_nearer_node_that_a_row_names_takes_the_place_of_a_farther_one_when_it_has_answered_itself()
    {
        Name([Far], []);
        Assert.Equal(Far, _machine.Table.Find(0, Far.Id));
        Name([Near], []);
        Assert.Equal([Far, Near], Measured());

        _machine.ProximityMeasured(Far, 90, _now, _output);
        _machine.ProximityMeasured(Near, 10, _now, _output);
        Assert.Equal(Near, _machine.Table.Find(0, Far.Id));

        Spoken(Near, 10);
        Name([Far], []);
        Assert.Empty(Measured());
        Assert.Equal(Near, _machine.Table.Find(0, Far.Id));
        Assert.Equal(10, _machine.Table.Proximity(Near.Id), 0.1);
    }

    [Fact]
    public void One_that_has_spoken_gives_way_only_to_one_that_has_spoken()
    {
        Spoken(Far, 90);
        Name([Near], []);
        Assert.Equal([Near], Measured());
        _machine.ProximityMeasured(Near, 10, _now, _output);
        Assert.Equal(Far, _machine.Table.Find(0, Far.Id));
        Assert.Contains(_output.Messages.ToArray(), outgoing => outgoing.To == Near && outgoing.Message.Kind == MessageKind.Ping);

        Answer(Near, 10);
        Assert.Equal(Near, _machine.Table.Find(0, Far.Id));
    }

    [Theory]
    [InlineData(200, false)]
    [InlineData(5, true)]
    public void Who_lies_too_far_from_the_one_that_names_it_is_not_measured(float fromInformant, bool isMeasured)
    {
        Spoken(Far, 90);
        Spoken(Gossip, 20);
        Name([Near], [fromInformant]);
        Assert.Equal(isMeasured ? [Near] : [], Measured());
    }

    [Theory]
    [InlineData(95, false)]
    [InlineData(50, true)]
    [InlineData(float.NaN, true)]
    public void A_newcomer_that_says_how_far_it_is_is_asked_only_where_it_may_be_nearer(float proximity, bool isAsked)
    {
        Spoken(Far, 90);
        Say(Near, Message.Control(MessageKind.RowAnnouncement, 0, new RowBody(new TableRow(0, [_machine.Self]), [proximity])));
        Assert.Equal(isAsked, _output.Messages.ToArray().Any(outgoing => outgoing.To == Near && outgoing.Message.Kind == MessageKind.Ping));
    }

    [Fact]
    public void What_answers_at_an_address_that_others_gave_a_neighbor_says_nothing_of_the_neighbor()
    {
        var right = _machine.LeafSet.Right!;
        var elsewhere = new NodeHandle(right.Id, right.Incarnation, [new NodeAddress("elsewhere.example", 1)]);
        // In the neighbour's slot of the table stands a farther one, so that the neighbour is measured when it is named.
        var holder = Nodes.At((UInt128)0x1180 << 112);
        _machine.Table.Remove(right.Id);
        Spoken(holder, 90);
        Name([elsewhere], []);
        Assert.Equal([elsewhere], Measured());

        _machine.ProximityMeasured(elsewhere, 1, _now, _output);
        Assert.True(float.IsNaN(_machine.RoundTrips.Mean(right.Id)));
        Assert.Equal(holder, _machine.Table.SlotOf(right.Id).Node);
    }

    [Fact]
    public void Measurements_that_nobody_has_asked_for_change_nothing()
    {
        _machine.ProximityMeasured(Near, 1, _now, _output);
        Assert.Null(_machine.Table.Find(0, Near.Id));
    }

    private void Name(NodeHandle[] nodes, float[] proximities)
    {
        _output.Clear();
        Say(Gossip, Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(0, nodes), proximities)));
    }

    private NodeHandle[] Measured() =>
        [.. _output.Effects.ToArray().OfType<MeasureProximity>().Select(effect => effect.Node).OrderBy(node => node.Id)];

    /// <summary>Lets a node answer a ping after a round trip.</summary>
    private void Spoken(NodeHandle node, double milliseconds)
    {
        _output.Clear();
        _machine.Probe(node);
        Answer(node, milliseconds);
    }

    private void Answer(NodeHandle node, double milliseconds)
    {
        var ping = _output.Messages.ToArray().Last(outgoing => outgoing.To == node).Message.Sequence;
        _now += TimeSpan.FromMilliseconds(milliseconds);
        Say(node, Message.Control(MessageKind.Pong, ping));
        _output.Clear();
    }

    private void Say(NodeHandle from, Message message) => _machine.Receive(from, message, _now, _output);
}
