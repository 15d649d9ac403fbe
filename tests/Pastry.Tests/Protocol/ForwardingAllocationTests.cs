using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>A message that is routed, forwarded, acknowledged and delivered leaves nothing for the collector, also while nodes are remembered as dead.</summary>
public class ForwardingAllocationTests
{
    private static readonly PastryOptions Options = new() { LeafSetSize = 2, BitsPerDigit = 2 };

    private readonly PastryMachine[] _machines;
    private readonly Counting[] _applications;
    private readonly Queue<(int To, NodeHandle From, Message Message)> _underWay = new(256);
    private readonly PriorityQueue<(int Machine, TimerKey Timer), Instant> _timers = new();
    private readonly Outbox _output = new();
    private readonly bool _keepsTimers = true;
    private Instant _now = new(1);

    public ForwardingAllocationTests()
    {
        _applications = [.. Enumerable.Range(0, 12).Select(_ => new Counting())];
        _machines = [.. _applications.Select((application, index) => new PastryMachine(At(index), Options, (ulong)index, [application]))];
        Call(0, machine => machine.StartRing(_now, _output));
        for (var index = 1; index < _machines.Length; index++)
        {
            Call(index, machine => machine.Join(1, _now, _output));
            Call(index, machine => machine.BootstrapResolved(0, _machines[0].Self, _now, _output));
            Pass(TimeSpan.FromSeconds(10));
        }

        // The last one dies: each message's sender is looked up in the tables of the dead and the lost, which are empty else.
        var dead = _machines[^1].Self;
        _machines = _machines[..^1];
        Pass(TimeSpan.FromMinutes(1));
        _keepsTimers = false;
        Assert.All(_machines, machine => Assert.True(machine.IsReady && machine.Table.Find(dead.Id) is null && !machine.LeafSet.Contains(dead.Id)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nothing_is_allocated_for_a_message(bool isObserved)
    {
        _output.IsObserved = isObserved;
        RouteToAll(1000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        RouteToAll(1000);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(2 * 1000 * _machines.Length, _applications.Sum(application => application.Delivered));
        Assert.InRange(_applications.Sum(application => application.Hops), 2000 * _machines.Length, int.MaxValue);
        // Less than a byte for each: what is left are first uses, which do not grow with the number of messages.
        Assert.InRange(allocated, 0, 1000 * _machines.Length);
    }

    private static NodeHandle At(int index) => new(new NodeId((UInt128)(uint)(index * 0x1555_5555) << 96), 1, [new NodeAddress("node", index + 1)]);

    private void RouteToAll(int times)
    {
        for (var time = 0; time < times; time++)
        {
            for (var index = 0; index < _machines.Length; index++)
            {
                var key = _machines[(index + time) % _machines.Length].Self.Id;
                _machines[index].Route(_applications[index].Id, key, Payload.FromBytes(Counting.Message), RouteOptions.None, _now, _output);
                Carry(index);
                PumpAll();
            }
        }
    }

    private void Pass(TimeSpan span)
    {
        var end = _now + span;
        while (_timers.TryPeek(out var timer, out var due) && due <= end)
        {
            _timers.Dequeue();
            if (timer.Machine == _machines.Length)
            {
                continue;
            }

            _now = due > _now ? due : _now;
            Call(timer.Machine, machine => machine.Expire(timer.Timer, _now, _output));
        }

        _now = end > _now ? end : _now;
    }

    private void Call(int index, Action<PastryMachine> action)
    {
        action(_machines[index]);
        Carry(index);
        PumpAll();
    }

    private void PumpAll()
    {
        while (_underWay.TryDequeue(out var next))
        {
            // As on any network: neighbours who wait for the same promise ask each other on and on where an answer takes no time at all.
            _now += TimeSpan.FromTicks(1);
            _machines[next.To].Receive(next.From, next.Message, _now, _output);
            Carry(next.To);
        }
    }

    private void Carry(int from)
    {
        foreach (var outgoing in _output.Messages)
        {
            for (var to = 0; to < _machines.Length; to++)
            {
                if (_machines[to].Self.Id == outgoing.To.Id)
                {
                    _underWay.Enqueue((to, _machines[from].Self, outgoing.Message));
                }
            }
        }

        foreach (var timer in _output.Timers)
        {
            if (_keepsTimers)
            {
                _timers.Enqueue((from, timer.Key), timer.Due);
            }
        }

        _output.Clear();
    }

    private sealed class Counting() : PastryApplication(PastryApplicationId.FromName("tests/counting"))
    {
        public static readonly byte[] Message = new byte[64];

        public int Delivered { get; private set; }

        public int Hops { get; private set; }

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            Delivered++;
            Hops += message.Hops;
        }
    }
}
