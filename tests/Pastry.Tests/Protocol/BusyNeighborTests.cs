using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>A neighbour that has more to do than it can is slow, and not dead.</summary>
public class BusyNeighborTests
{
    private static readonly PastryOptions Options = new() { LeafSetSize = 8 };
    private static readonly NodeHandle Alice = Nodes.At(10);

    private readonly Outbox _output = new();
    private readonly List<Message> _asked = [];
    private readonly PriorityQueue<TimerKey, Instant> _timers = new();
    private readonly PastryMachine _machine = new(Nodes.At(7), Options, seed: 1, []);
    private Instant _now = new(1);

    public BusyNeighborTests()
    {
        _machine.StartRing(_now, _output);
        CarryOut();
        Say(Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])));
        _machine.PeerDown(Alice, _now, _output);
        CarryOut();
        Assert.True(_machine.IsSuspected(Alice));
    }

    [Fact]
    public void An_answer_to_an_earlier_attempt_is_an_answer()
    {
        Pass(Options.ProbeTimeout * Options.ProbeRetries);
        Assert.Equal(Options.ProbeRetries + 1, _asked.Count);
        Say(Message.Control(MessageKind.LeafSetReply, _asked[0].Sequence, new LeafSetBody([], [])));
        Assert.Equal(0, _machine.ProbeCount);

        Pass(Options.ProbeTimeout * 2);
        Assert.Contains(Alice, _machine.LeafSet.Members);
    }

    [Fact]
    public void Who_says_something_else_instead_is_not_buried()
    {
        Pass(Options.ProbeTimeout * Options.ProbeRetries);
        Say(Message.Control(MessageKind.Acknowledgement, 5));
        Pass(Options.ProbeTimeout * 2);

        Assert.Contains(Alice, _machine.LeafSet.Members);
        Assert.Equal((0, 0), (_machine.ProbeCount, _machine.Suspects.Count));
    }

    [Fact]
    public void What_was_said_before_the_last_attempt_is_no_sign_of_life()
    {
        Say(Message.Control(MessageKind.Acknowledgement, 5));
        Pass(Options.ProbeTimeout * (Options.ProbeRetries + 2));
        Assert.Empty(_machine.LeafSet.Members);
    }

    private void Say(in Message message)
    {
        _machine.Receive(Alice, message, _now, _output);
        CarryOut();
    }

    /// <summary>Lets time pass in which nobody answers.</summary>
    private void Pass(TimeSpan span)
    {
        var end = _now + span;
        while (_timers.TryPeek(out var timer, out var due) && due <= end)
        {
            _timers.Dequeue();
            _now = due > _now ? due : _now;
            _machine.Expire(timer, _now, _output);
            CarryOut();
        }

        _now = end;
    }

    private void CarryOut()
    {
        foreach (var outgoing in _output.Messages)
        {
            if (outgoing.Message.Kind == MessageKind.LeafSetProbe)
            {
                _asked.Add(outgoing.Message);
            }
        }

        foreach (var timer in _output.Timers)
        {
            _timers.Enqueue(timer.Key, timer.Due);
        }

        _output.Clear();
    }
}
