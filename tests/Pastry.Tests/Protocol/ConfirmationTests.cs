using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>Messages that ask for it are confirmed end to end, sent again while they are not, and taken once.</summary>
public class ConfirmationTests
{
    private static readonly NodeHandle Alice = Nodes.At((UInt128)0x80 << 120);
    private static readonly NodeId HerKey = Alice.Id;
    private static readonly PastryOptions Options = new() { LeafSetSize = 2, PendingHopsMax = 3 };

    private readonly Application _application = new();
    private readonly Outbox _output = new();
    private readonly PastryMachine _machine;
    private readonly PriorityQueue<TimerKey, Instant> _timers = new();
    private readonly List<Outgoing> _sent = [];
    private Instant _now = new(1);

    public ConfirmationTests()
    {
        _machine = new PastryMachine(Nodes.At((UInt128)0x10 << 120), Options, seed: 1, [_application]);
        _machine.StartRing(_now, _output);
        CarryOut();
    }

    [Fact]
    public void What_a_node_takes_itself_is_confirmed_at_once()
    {
        var number = Route(_machine.Self.Id, "to itself");
        Assert.Equal(["to itself"], _application.Taken);
        Assert.Equal([(number, new RouteOutcome.Taken(_machine.Self))], _application.Outcomes);
        Pass(TimeSpan.FromMinutes(3));
        Assert.Single(_application.Outcomes);
    }

    [Fact]
    public void What_nobody_confirms_is_sent_again_each_time_after_twice_as_long_and_given_up()
    {
        Meet(Alice);
        var number = Route(HerKey, "for her");
        var begin = _now;
        while (_application.Outcomes.Count == 0)
        {
            AcknowledgeAll();
            Pass(TimeSpan.FromMilliseconds(20));
        }

        Assert.Equal([(number, new RouteOutcome.Unconfirmed())], _application.Outcomes);
        Assert.InRange((_now - begin) / (Options.ConfirmationTimeout * 15), 0.9, 1.12);
        Assert.Equal(Options.ConfirmationAttemptsMax, _sent.Count(IsRouted));
        Assert.Single(_sent.Where(IsRouted).Select(outgoing => outgoing.Message.Extension!.Number).Distinct());
        Assert.All(_sent.Where(IsRouted), outgoing => Assert.Equal("for her", Text(outgoing.Message.Payload)));
    }

    [Fact]
    public void A_confirmation_ends_it_and_a_second_one_changes_nothing()
    {
        Meet(Alice);
        var number = Route(HerKey, "for her");
        var asked = Assert.Single(_sent, IsRouted).Message;
        Assert.Equal(_machine.Self, asked.Extension!.Origin);
        Say(Alice, Message.Control(MessageKind.Confirmation, 0, new ConfirmationBody(asked.Extension.Number!.Value + 1)));
        Assert.Empty(_application.Outcomes);

        Say(Alice, Message.Control(MessageKind.Confirmation, 0, new ConfirmationBody(asked.Extension.Number!.Value)));
        Say(Alice, Message.Control(MessageKind.Confirmation, 0, new ConfirmationBody(asked.Extension.Number!.Value)));
        AcknowledgeAll();
        Pass(TimeSpan.FromMinutes(3));
        Assert.Equal([(number, new RouteOutcome.Taken(Alice))], _application.Outcomes);
        Assert.Single(_sent, IsRouted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_repeated_is_taken_once_and_confirmed_each_time(bool isStopped)
    {
        _application.Stops = isStopped;
        for (var repetition = 0; repetition < 3; repetition++)
        {
            Say(Alice, Numbered(7, Alice));
        }

        Say(Alice, Numbered(8, Alice));
        // Numbers are each origin's own.
        Say(Alice, Numbered(7, Nodes.At((UInt128)0x81 << 120)));

        Assert.Equal(isStopped ? ["stop", "stop", "stop"] : ["7", "8", "7"], _application.Taken);
        Assert.Equal([7, 7, 7, 8, 7], _sent.Where(outgoing => outgoing.Message.Kind == MessageKind.Confirmation).Select(outgoing => (int)((ConfirmationBody)outgoing.Message.Payload.Content!).Number));
    }

    [Fact]
    public void Nobody_confirms_what_no_application_here_takes()
    {
        Say(Alice, Numbered(7, Alice) with { Application = PastryApplicationId.FromName("tests/unknown") });
        Assert.DoesNotContain(_sent, outgoing => outgoing.Message.Kind == MessageKind.Confirmation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_an_application_declines_or_fails_at_is_not_confirmed_and_taken_when_it_comes_again(bool declines)
    {
        (_application.Declines, _application.Fails) = (declines, !declines);
        Say(Alice, Numbered(7, Alice));
        Assert.DoesNotContain(_sent, outgoing => outgoing.Message.Kind == MessageKind.Confirmation);

        (_application.Declines, _application.Fails) = (false, false);
        Say(Alice, Numbered(7, Alice));
        Assert.Equal(["7"], _application.Taken);
        Assert.Single(_sent, outgoing => outgoing.Message.Kind == MessageKind.Confirmation);
    }

    [Fact]
    public void Who_leaves_is_told_of_all_that_nobody_has_confirmed_and_repeats_nothing()
    {
        Meet(Alice);
        ConfirmationId[] numbers = [.. Enumerable.Range(0, Options.PendingHopsMax).Select(i => Route(HerKey, $"{i}"))];
        _machine.Leave(_now, _output);
        CarryOut();
        Assert.Equal(numbers.Select(number => (number, (RouteOutcome)new RouteOutcome.Unconfirmed())), _application.Outcomes);

        var sent = _sent.Count;
        Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(sent, _sent.Count);
        var late = Route(HerKey, "too late");
        Assert.Equal((late, new RouteOutcome.NotStarted()), _application.Outcomes[^1]);
    }

    [Fact]
    public void Of_more_than_may_wait_the_newest_is_told_of_at_once()
    {
        Meet(Alice);
        ConfirmationId[] numbers = [.. Enumerable.Range(0, Options.PendingHopsMax + 1).Select(i => Route(HerKey, $"{i}"))];
        Assert.Equal([(numbers[^1], new RouteOutcome.NotStarted())], _application.Outcomes);
    }

    [Fact]
    public void Repetitions_are_forgotten_when_nobody_sends_them_any_more_and_the_oldest_beyond_a_bound()
    {
        Say(Alice, Numbered(0, Alice));
        Pass(TimeSpan.FromMinutes(3));
        Say(Alice, Numbered(1, Alice));
        Say(Alice, Numbered(0, Alice));
        Assert.Equal(3, _application.Taken.Count);

        for (var number = 2u; number < 10_000; number++)
        {
            Say(Alice, Numbered(number, Alice));
        }

        Say(Alice, Numbered(9_999, Alice));
        Assert.Equal(10_001, _application.Taken.Count);
        Say(Alice, Numbered(2, Alice));
        Assert.Equal(10_002, _application.Taken.Count);
    }

    private Message Numbered(ulong number, NodeHandle origin) => new()
    {
        Kind = MessageKind.Routed,
        Application = _application.Id,
        Key = _machine.Self.Id,
        Payload = Payload.FromBytes(System.Text.Encoding.UTF8.GetBytes(_application.Stops ? "stop" : $"{number}")),
        Extension = HeaderExtension.OfNumber(number, origin, trace: null),
    };

    private static bool IsRouted(Outgoing outgoing) => outgoing.Message.Kind == MessageKind.Routed;

    private static string Text(in Payload payload) => System.Text.Encoding.UTF8.GetString(payload.Span);

    private void Meet(NodeHandle node) => Say(node, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));

    private ConfirmationId Route(NodeId key, string text)
    {
        _machine.Handle(_application, (key, text), _now, _output);
        CarryOut();
        return _application.Started;
    }

    private void Say(NodeHandle from, in Message message)
    {
        _machine.Receive(from, message, _now, _output);
        CarryOut();
    }

    /// <summary>Lets every hop be acknowledged and every probe answered.</summary>
    private void AcknowledgeAll()
    {
        foreach (var outgoing in _sent.ToArray())
        {
            if (IsRouted(outgoing))
            {
                Say(outgoing.To, Message.Control(MessageKind.Acknowledgement, outgoing.Message.Sequence));
            }
            else if (outgoing.Message.Kind == MessageKind.LeafSetProbe)
            {
                Say(outgoing.To, Message.Control(MessageKind.LeafSetReply, outgoing.Message.Sequence, new LeafSetBody([], [])));
            }
        }
    }

    private void Pass(TimeSpan span)
    {
        var end = _now + span;
        while (_timers.TryPeek(out _, out var due) && due <= end)
        {
            _now = due > _now ? due : _now;
            _machine.Expire(_timers.Dequeue(), _now, _output);
            CarryOut();
        }

        _now = end;
    }

    private void CarryOut()
    {
        _sent.AddRange(_output.Messages.ToArray().Select(outgoing =>
            outgoing with { Message = outgoing.Message with { Payload = outgoing.Message.Payload.Content is null ? Payload.FromBytes(outgoing.Message.Payload.Span.ToArray()) : outgoing.Message.Payload } }));
        foreach (var (key, due) in _output.Timers)
        {
            _timers.Enqueue(key, due);
        }

        _output.Clear();
    }

    private sealed class Application() : PastryApplication(PastryApplicationId.FromName("tests/confirmed"))
    {
        public List<string> Taken { get; } = [];

        public List<(ConfirmationId Number, RouteOutcome Outcome)> Outcomes { get; } = [];

        public ConfirmationId Started { get; private set; }

        public bool Stops { get; set; }

        public bool Declines { get; set; }

        public bool Fails { get; set; }

        protected internal override bool Forward(ref ForwardedMessage message, IOverlay overlay)
        {
            if (Stops)
            {
                Taken.Add(Text(message.Payload));
            }

            return !Stops;
        }

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            if (Declines)
            {
                overlay.Decline();
                return;
            }

            if (Fails)
            {
                throw new FormatException();
            }

            Taken.Add(Text(message.Payload));
        }

        protected internal override void Confirmed(ConfirmationId message, RouteOutcome outcome, IOverlay overlay) => Outcomes.Add((message, outcome));

        protected internal override void Handle(object input, IOverlay overlay)
        {
            var (key, text) = ((NodeId, string))input;
            Started = overlay.RouteConfirmed(key, Payload.FromBytes(System.Text.Encoding.UTF8.GetBytes(text)));
        }
    }
}
