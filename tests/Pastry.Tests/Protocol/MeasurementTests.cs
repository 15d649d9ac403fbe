using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>Of two nodes for one slot of the routing table, the one that answers sooner stays.</summary>
public class MeasurementTests
{
    private static readonly NodeHandle Far = Nodes.At((UInt128)0x8100 << 112);
    private static readonly NodeHandle Near = Nodes.At((UInt128)0x8200 << 112);
    private static readonly NodeHandle Gossip = Nodes.At((UInt128)0x9000 << 112);

    private readonly Outbox _output = new();
    private readonly PastryMachine _machine = new(Nodes.At((UInt128)0x1000 << 112), new PastryOptions { LeafSetSize = 2 }, seed: 1, []);
    private Instant _now = new(1);

    [Fact]
    public void A_nearer_node_that_a_row_names_takes_the_place_of_a_farther_one()
    {
        _machine.StartRing(_now, _output);
        // The leaf set is full, so that others are asked for nothing but a sign of life.
        Say(Nodes.At((UInt128)0x0f00 << 112), Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
        Say(Nodes.At((UInt128)0x1100 << 112), Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
        _output.Clear();
        Assert.True(_machine.LeafSet.IsFull);

        Say(Gossip, Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(0, [Far]))));
        Assert.Equal(Far, _machine.Table.Find(0, Far.Id));
        Say(Gossip, Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(0, [Near]))));
        var asked = _output.Messages.ToArray().Where(outgoing => outgoing.Message.Kind == MessageKind.Ping).ToDictionary(outgoing => outgoing.To, outgoing => outgoing.Message.Sequence);
        Assert.Equal([Far, Near], asked.Keys.OrderBy(node => node.Id));

        _now += TimeSpan.FromMilliseconds(10);
        Say(Near, Message.Control(MessageKind.Pong, asked[Near]));
        _now += TimeSpan.FromMilliseconds(90);
        Say(Far, Message.Control(MessageKind.Pong, asked[Far]));

        Assert.Equal(Near, _machine.Table.Find(0, Near.Id));
        Assert.Equal(10, _machine.Table.Proximity(Near.Id), 0.1);
    }

    private void Say(NodeHandle from, Message message) => _machine.Receive(from, message, _now, _output);
}
