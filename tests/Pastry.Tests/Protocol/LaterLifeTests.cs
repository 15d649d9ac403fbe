using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>What is left of lives that are over, a node's own and others'.</summary>
public class LaterLifeTests
{
    private static readonly PastryOptions Options = new() { LeafSetSize = 8 };
    private static readonly NodeHandle Alice = Nodes.At(10);
    private static readonly NodeHandle Bob = Nodes.At((UInt128)20 << 64);

    private readonly Outbox _output = new();
    private readonly List<Outgoing> _sent = [];
    private readonly PriorityQueue<TimerKey, Instant> _timers = new();
    private readonly PastryMachine _machine = new(Nodes.At(7, incarnation: 2), Options, seed: 1, []);
    private Instant _now = new(1);

    public LaterLifeTests()
    {
        _machine.StartRing(_now, _output);
        CarryOut();
        Say(Alice, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
    }

    [Fact]
    public void A_request_to_join_of_the_node_itself_is_over_and_only_acknowledged()
    {
        var earlier = Nodes.At(7, incarnation: 1);
        _sent.Clear();
        Say(Alice, new Message
        {
            Kind = MessageKind.JoinRequest,
            Hops = 1,
            Sequence = 5,
            Key = earlier.Id,
            Payload = Payload.FromContent(new JoinRequestBody(earlier, [], [], nonce: 1, RingParameters.Of(Options))),
        });

        var answer = Assert.Single(_sent);
        Assert.Equal((Alice, MessageKind.Acknowledgement, 5u), (answer.To, answer.Message.Kind, answer.Message.Sequence));
    }

    [Fact]
    public void A_later_life_that_speaks_leaves_nothing_of_the_suspicion_of_an_earlier_one()
    {
        _machine.PeerDown(Alice, _now, _output);
        CarryOut();
        Assert.Equal(1, _machine.Suspects.Count);

        Say(Nodes.At(Alice.Id, incarnation: 9), Message.Control(MessageKind.Ping));
        Assert.Equal(0, _machine.Suspects.Count);
    }

    [Fact]
    public void A_founder_that_loses_everybody_again_waits_where_nobody_is_left_to_ask()
    {
        Say(Alice, Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(0, [Bob]), [])));
        Assert.NotNull(_machine.Table.Find(Bob.Id));
        LoseAlice();
        Assert.Contains(_sent, outgoing => outgoing.Message.Kind == MessageKind.JoinRequest && outgoing.To.Equals(Bob));

        Say(Alice, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
        Say(Bob, Message.Control(MessageKind.Departure));
        _sent.Clear();
        LoseAlice();
        Assert.DoesNotContain(_sent, outgoing => outgoing.Message.Kind == MessageKind.JoinRequest);
        Assert.True(_machine.IsReady);
    }

    [Fact]
    public void A_founder_that_has_met_others_again_stops_to_join()
    {
        Say(Alice, Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(0, [Bob]), [])));
        LoseAlice();
        Say(Alice, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
        _sent.Clear();
        Pass(Options.JoinTimeout * 4);
        Assert.DoesNotContain(_sent, outgoing => outgoing.Message.Kind == MessageKind.JoinRequest);
    }

    private void LoseAlice()
    {
        _machine.PeerDown(Alice, _now, _output);
        CarryOut();
        Pass(Options.ProbeTimeout * (Options.ProbeRetries + 2));
        Assert.Empty(_machine.LeafSet.Members);
        Pass(Options.JoinTimeout * 4);
    }

    private void Say(NodeHandle from, in Message message)
    {
        _machine.Receive(from, message, _now, _output);
        CarryOut();
    }

    /// <summary>Lets time pass in which nobody answers.</summary>
    private void Pass(TimeSpan span)
    {
        for (var end = _now + span; _timers.TryPeek(out var timer, out var due) && due <= end;)
        {
            _timers.Dequeue();
            _now = due > _now ? due : _now;
            _machine.Expire(timer, _now, _output);
            CarryOut();
        }
    }

    private void CarryOut()
    {
        _sent.AddRange(_output.Messages);
        foreach (var timer in _output.Timers)
        {
            _timers.Enqueue(timer.Key, timer.Due);
        }

        _output.Clear();
    }
}
