using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Fuzz;

/// <summary>Is one life of a machine among hostile peers, checked after each input.</summary>
internal sealed class HostileLife
{
    private const int TimersMax = 2_000;

    private readonly Random _random;
    private readonly HostilePeers _peers;
    private readonly PastryMachine _machine;
    private readonly MachineInvariants _invariants;
    private readonly Outbox _output = new();
    private readonly PriorityQueue<TimerKey, Instant> _timers = new();
    private readonly List<TimerKey> _stale = [];
    private readonly PastryApplicationId _application = PastryApplicationId.FromName("tests/hostile");
    private Instant _now = new(1);

    public HostileLife(int seed, PastryOptions options)
    {
        _random = new Random(seed);
        var self = Nodes.At(_random.Next(2) == 0 ? _random.NextId() : _random.NextEdgyId(), incarnation: 2);
        _peers = new HostilePeers(seed, self, options, _application);
        _machine = new PastryMachine(self, options, (ulong)seed, [new Watching(this)]);
        _invariants = new MachineInvariants(_machine, options);
    }

    public int Inputs { get; private set; }

    public int Delivered { get; private set; }

    public void Run(int inputs)
    {
        var bootstraps = _random.Next(3);
        Give(() =>
        {
            if (bootstraps == 0)
            {
                _machine.StartRing(_now, _output);
            }
            else
            {
                _machine.Join(bootstraps, _now, _output);
            }
        });
        while (Inputs < inputs)
        {
            Pass();
            Give(Input);
        }

        Give(() => _machine.Leave(_now, _output));
        Give(Receive);
        Assert.Empty(_output.Messages.ToArray());
    }

    private void Input()
    {
        switch (_random.Next(40))
        {
            case 0:
                _machine.PeerDown(_peers.Anybody(), _now, _output);
                break;
            case 1:
                _machine.NotSent((uint)_random.Next(100));
                break;
            case 2:
                _machine.NotSent(_peers.Anybody(), new Message { Application = _application, Payload = Sealed.Make(_random) }, SendStatus.Dropped, _now, _output);
                break;
            case 3 when _random.Next(4) == 0:
                _machine.Resume(_now, _output);
                break;
            case 4:
                _machine.BootstrapResolved(_random.Next(3), _peers.Anybody(), _now, _output);
                break;
            case 5:
                _machine.BootstrapUnreachable(_random.Next(3), "it is not there", _now, _output);
                break;
            case 6 when _stale.Count > 0:
                _machine.Expire(_stale[_random.Next(_stale.Count)], _now, _output);
                break;
            case < 10:
                _machine.Route(_application, _peers.AnyKey(), Sealed.Make(_random), RouteOptions.WithOrigin, _now, _output);
                break;
            default:
                Receive();
                break;
        }
    }

    private void Receive()
    {
        var (from, message) = _peers.Next(_now, out var isHonest);
        _machine.Receive(from, !isHonest && _random.Next(3) == 0 ? _peers.Mutated(message) : message, _now, _output);
    }

    /// <summary>Lets time pass, mostly a little, and the timers go off that are due.</summary>
    private void Pass()
    {
        _now += TimeSpan.FromMilliseconds(_random.Next(20) == 0 ? _random.Next(20_000) : _random.Next(300));
        while (_timers.TryPeek(out var timer, out var due) && due <= _now)
        {
            _timers.Dequeue();
            Give(() => _machine.Expire(timer, _now, _output));
            _stale.Add(timer);
        }
    }

    private void Give(Action input)
    {
        Inputs++;
        var waiting = _invariants.Waiting;
        input();
        _invariants.Check();
        Assert.InRange(_output.Messages.Length, 0, _invariants.MessagesMax(waiting));
        Assert.InRange(_output.Timers.Length, 0, MachineInvariants.TimersMax);
        foreach (ref readonly var outgoing in _output.Messages)
        {
            Assert.True(outgoing.To.Id != _machine.Self.Id, $"A {outgoing.Message.Kind} is sent to the node itself.");
            Assert.True(outgoing.Message.Kind != MessageKind.Routed || Sealed.IsWhole(outgoing.Message.Payload), "A payload was changed on its way.");
            _peers.Hear(outgoing, _now);
        }

        foreach (ref readonly var timer in _output.Timers)
        {
            _timers.Enqueue(timer.Key, timer.Due);
        }

        Assert.InRange(_timers.Count, 0, TimersMax);
        foreach (var effect in _output.Effects)
        {
            Assert.True(effect is not ApplicationFailed, (effect as ApplicationFailed)?.Exception.ToString());
        }

        _output.Clear();
    }

    /// <summary>Looks at each delivery, and has something to say to whoever it hears of.</summary>
    private sealed class Watching(HostileLife life) : PastryApplication(life._application)
    {
        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            life.Delivered++;
            Assert.True(life._invariants.MayDeliver(message.Key, life._now), $"{message.Key} was delivered by a node that may not.");
            Assert.True(Sealed.IsWhole(message.Payload), "A payload was changed before it was delivered.");
        }

        protected internal override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
        {
            Assert.True(Sealed.IsWhole(payload));
            overlay.Send(from, payload);
        }

        protected internal override void PeerDown(NodeHandle peer, IOverlay overlay) => overlay.Route(peer.Id, Sealed.Make(life._random));
    }
}
