using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>What a member says of others may be wrong or a lie; it moves a node to look for itself, and to nothing more.</summary>
public class GossipTests
{
    private static readonly PastryOptions Options = new() { LeafSetSize = 8 };
    private static readonly NodeHandle Alice = Named(10);
    private static readonly NodeHandle Mallory = Named(20);

    private readonly Outbox _output = new();
    private readonly List<Outgoing> _sent = [];
    private readonly PriorityQueue<TimerKey, Instant> _timers = new();
    private readonly PastryMachine _machine = new(Named(7), Options, seed: 1, []);
    private Instant _now = new(1);

    public GossipTests()
    {
        _machine.StartRing(_now, _output);
        CarryOut();
        Say(Alice, new LeafSetBody([], []));
        Say(Mallory, new LeafSetBody([], []));
        Assert.Equal([Alice, Mallory], _machine.LeafSet.Members.OrderBy(node => node.Id));
    }

    [Fact]
    public void A_later_life_that_is_only_claimed_buries_nobody()
    {
        var lie = new NodeHandle(Alice.Id, ulong.MaxValue, [new NodeAddress("nowhere.example", 1)]);
        Say(Mallory, new LeafSetBody([lie], [lie]));
        Pass(Options.ProbeTimeout * 8, Alice, Mallory);

        Assert.Contains(_sent, outgoing => ReferenceEquals(outgoing.To, lie));
        Assert.Contains(Alice, _machine.LeafSet.Members);
        Assert.False(_machine.IsSuspected(Alice));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_unreachable_address_that_is_only_claimed_makes_nobody_suspected(ulong laterLife)
    {
        var lie = new NodeHandle(Alice.Id, Alice.Incarnation + laterLife, [new NodeAddress("nowhere.example", 1)]);
        _machine.PeerDown(lie, _now, _output);
        CarryOut();
        Pass(Options.ProbeTimeout * 8, Mallory);

        Assert.Equal((false, 0), (_machine.IsSuspected(Alice), _machine.Suspects.Count));
        Assert.Contains(Alice, _machine.LeafSet.Members);
    }

    [Fact]
    public void Nobody_is_led_to_false_addresses_of_a_node_that_is_known()
    {
        var lie = new NodeHandle(Alice.Id, Alice.Incarnation, [new NodeAddress("nowhere.example", 1)]);
        var application = PastryApplicationId.FromName("tests/taker");
        var machine = new PastryMachine(Named(7), Options, seed: 1, [new Taker(application)]);
        machine.StartRing(_now, _output);
        machine.Receive(Alice, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])), _now, _output);
        _output.Clear();
        var message = new Message { Kind = MessageKind.PromptlyRouted, Application = application, Key = machine.Self.Id, Extension = HeaderExtension.OfNumber(1, lie, trace: null) };
        machine.Receive(Mallory, message, _now, _output);

        var confirmation = Assert.Single(_output.Messages.ToArray(), outgoing => outgoing.Message.Kind == MessageKind.Confirmation);
        Assert.Same(Alice, confirmation.To);
    }

    [Fact]
    public void A_life_that_ended_takes_nothing_from_the_next()
    {
        var next = new NodeHandle(Alice.Id, Alice.Incarnation + 1, Alice.Addresses);
        Say(next, new LeafSetBody([], []));
        _machine.Receive(Alice, Message.Control(MessageKind.Departure), _now, _output);
        CarryOut();

        Assert.Equal(next.Incarnation, _machine.LeafSet.Find(Alice.Id)!.Incarnation);
    }

    [Fact]
    public void Thousands_of_named_nodes_are_not_contacted()
    {
        for (var round = 0; round < 100; round++)
        {
            Say(Mallory, new LeafSetBody([.. Enumerable.Range(0, 200).Select(i => Named((UInt128)(1000 + 200 * round + i)))], []));
        }

        Assert.InRange(_sent.Where(outgoing => outgoing.Message.Kind is MessageKind.LeafSetProbe or MessageKind.Ping).Select(outgoing => outgoing.To).Distinct().Count(), 1, Options.LeafSetSize + 3);
    }

    [Fact]
    public void A_request_to_join_for_somebody_else_is_not_answered()
    {
        Request(from: Mallory, key: Named(12).Id, new JoinRequestBody(Named(12), [], [], nonce: 1, RingParameters.Of(Options)));
        Request(from: Mallory, key: Named(12).Id, new JoinRequestBody(Mallory, [], [], nonce: 1, RingParameters.Of(Options)));
        Assert.DoesNotContain(_sent, outgoing => outgoing.Message.Kind == MessageKind.JoinReply);

        Request(from: Named(12), key: Named(12).Id, new JoinRequestBody(Named(12), [], [], nonce: 1, RingParameters.Of(Options)));
        Assert.Contains(_sent, outgoing => outgoing.Message.Kind is MessageKind.JoinReply or MessageKind.JoinRequest);
    }

    [Fact]
    public void An_answer_to_another_request_to_join_is_ignored()
    {
        var newcomer = new PastryMachine(Named(30), Options, seed: 2, []);
        newcomer.Join(1, _now, _output);
        _output.Clear();
        newcomer.BootstrapResolved(0, Alice, _now, _output);
        newcomer.ProximityMeasured(Alice, 10, _now, _output);
        Assert.IsType<RowRequestBody>(Assert.Single(_output.Messages.ToArray()).Message.Payload.Content);
        _output.Clear();
        newcomer.Receive(Alice, Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(0, []), [])), _now, _output);
        var request = (JoinRequestBody)Assert.Single(_output.Messages.ToArray()).Message.Payload.Content!;
        _output.Clear();

        newcomer.Receive(Mallory, Message.Control(MessageKind.JoinReply, 0, new JoinReplyBody([], [Mallory], [], request.Nonce + 1, request.Parameters)), _now, _output);
        Assert.Empty(_output.Messages.ToArray());
        newcomer.Receive(Alice, Message.Control(MessageKind.JoinReply, 0, new JoinReplyBody([], [Alice], [], request.Nonce, request.Parameters)), _now, _output);
        Assert.Equal(Alice, Assert.Single(_output.Messages.ToArray()).To);
    }

    private static NodeHandle Named(UInt128 id) => new(new NodeId(id), 1, [new NodeAddress($"node-{id}", 1)]);

    private void Say(NodeHandle from, LeafSetBody body)
    {
        _machine.Receive(from, Message.Control(MessageKind.LeafSetProbe, 1, body), _now, _output);
        CarryOut();
    }

    private void Request(NodeHandle from, NodeId key, JoinRequestBody body)
    {
        _machine.Receive(from, new Message { Kind = MessageKind.JoinRequest, Key = key, Payload = Payload.FromContent(body) }, _now, _output);
        CarryOut();
    }

    /// <summary>Lets time pass in which these nodes answer what they are asked, and no others do.</summary>
    private void Pass(TimeSpan span, params NodeHandle[] alive)
    {
        var end = _now + span;
        while (_timers.TryPeek(out var timer, out var due) && due <= end)
        {
            _timers.Dequeue();
            _now = due > _now ? due : _now;
            var asked = _sent.Count;
            _machine.Expire(timer, _now, _output);
            CarryOut();
            foreach (var outgoing in _sent.Skip(asked).ToArray())
            {
                Answer(outgoing, alive);
            }
        }
    }

    private void Answer(Outgoing outgoing, NodeHandle[] alive)
    {
        if (!alive.Any(node => ReferenceEquals(node, outgoing.To)))
        {
            return;
        }

        var answer = outgoing.Message.Kind == MessageKind.LeafSetProbe
            ? Message.Control(MessageKind.LeafSetReply, outgoing.Message.Sequence, new LeafSetBody([], []))
            : Message.Control(MessageKind.Pong, outgoing.Message.Sequence);
        _machine.Receive(outgoing.To, answer, _now, _output);
        CarryOut();
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

    private sealed class Taker(PastryApplicationId id) : PastryApplication(id)
    {
        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }
    }
}
