using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>A node comes back and its bootstraps are gone, or it was given none: those whom it remembers may know the ring.</summary>
public sealed class RememberedPeersTests
{
    private static readonly NodeHandle Alice = Nodes.At(10);
    private static readonly NodeHandle Bob = Nodes.At(20);
    private static readonly NodeHandle Self = Nodes.At(7, incarnation: 2);

    private readonly Outbox _output = new();
    private readonly List<NodeHandle> _asked = [];
    private readonly List<NodeHandle> _probed = [];
    private readonly List<Effect> _effects = [];
    private readonly PriorityQueue<TimerKey, Instant> _timers = new();
    private PastryMachine _machine = new(Self, new PastryOptions(), seed: 1, []);
    private Instant _now = new(1);

    [Fact]
    public void Remembered_nodes_are_asked_when_the_bootstraps_have_failed()
    {
        _machine.Join(2, [Alice, Bob], _now, _output);
        CarryOut();
        FailBootstrap(0);
        Until(() => HasResolved(1, times: 1));
        FailBootstrap(1);
        Assert.Empty(_asked);
        Until(() => _asked.Count == 1);
        Until(() => _asked.Count == 2);
        Assert.Equal([Alice, Bob], _asked);

        // Then it is the bootstraps' turn again; the node founds nothing.
        Until(() => HasResolved(0, times: 2));
        Assert.Equal(2, _asked.Count);
        Assert.False(_machine.IsJoined);
    }

    [Fact]
    public void A_remembered_node_that_can_not_be_reached_is_not_waited_for()
    {
        _machine.Join(0, [Alice, Bob], _now, _output);
        CarryOut();
        Down(Bob);
        Assert.Empty(_effects);
        Down(Alice);

        var failed = Assert.IsType<JoinAttemptFailed>(Assert.Single(_effects));
        Assert.Contains("can't be reached", failed.Reason, StringComparison.Ordinal);
        Until(() => _asked.Count == 2);
        Assert.Equal([Alice, Bob], _asked);
    }

    [Fact]
    public void A_founder_whose_remembered_nodes_are_gone_begins_a_ring_and_goes_on_asking_after_them()
    {
        _machine.Join(0, [Alice, Bob], _now, _output);
        CarryOut();
        Assert.False(_machine.IsJoined);
        Down(Alice);
        Until(() => _asked.Count == 2);
        Down(Bob);

        Assert.True(_machine.IsJoined);
        Assert.True(_machine.IsReady);
        Assert.Equal(2, Assert.Single(_effects.OfType<RingFounded>()).Absent);
        Until(() => _probed.Count == 2);
        Assert.Equal([Alice, Bob], _probed.OrderBy(node => node.Id));
    }

    [Fact]
    public void A_founder_that_must_not_stand_alone_goes_on_looking()
    {
        _machine = new PastryMachine(Self, new PastryOptions { StandsAlone = false }, seed: 1, []);
        _machine.Join(0, [Alice], _now, _output);
        CarryOut();
        for (var round = 1; round <= 3; round++)
        {
            Down(Alice);
            Until(() => _asked.Count == round + 1);
        }

        Assert.False(_machine.IsJoined);
        Assert.Equal([Alice, Alice, Alice, Alice], _asked);
    }

    [Fact]
    public void A_node_without_bootstraps_or_memory_founds_its_ring_at_once()
    {
        _machine.Join(0, [], _now, _output);
        CarryOut();

        Assert.True(_machine.IsReady);
        Assert.Empty(_effects.OfType<RingFounded>());
    }

    [Fact]
    public void A_node_does_not_ask_itself_nor_without_end()
    {
        _machine.Join(0, [Nodes.At(7), .. Enumerable.Range(100, 200).Select(i => Nodes.At((UInt128)i))], _now, _output);
        CarryOut();
        Until(() => _machine.IsJoined);
        Assert.Equal(16, _asked.Count);
        Assert.DoesNotContain(_asked, node => node.Id == Self.Id);
    }

    [Fact]
    public void Neighbours_and_entries_of_the_table_are_remembered_and_the_lost_ones_last()
    {
        _machine.StartRing(_now, _output);
        CarryOut();
        Assert.Empty(PeersToRemember.Of(_machine));
        foreach (var node in (NodeHandle[])[Alice, Bob])
        {
            _machine.Receive(node, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])), _now, _output);
            CarryOut();
        }

        _machine.PeerDown(Alice, _now, _output);
        CarryOut();
        Until(() =>
        {
            _machine.Receive(Bob, Message.Control(MessageKind.Ping), _now, _output);
            CarryOut();
            return _machine.LeafSet.Members.Length == 1;
        });

        Assert.Equal([Bob, Alice], PeersToRemember.Of(_machine));
    }

    private void FailBootstrap(int index)
    {
        _machine.BootstrapUnreachable(index, "nobody listens", _now, _output);
        CarryOut();
    }

    private void Down(NodeHandle node)
    {
        _machine.PeerDown(node, _now, _output);
        CarryOut();
    }

    private bool HasResolved(int index, int times) => _effects.OfType<ResolveBootstrap>().Count(resolve => resolve.Index == index) == times;

    /// <summary>Lets time pass until something has come to be.</summary>
    private void Until(Func<bool> condition)
    {
        while (!condition())
        {
            Assert.True(_timers.TryDequeue(out var timer, out var due));
            _now = due > _now ? due : _now;
            _machine.Expire(timer, _now, _output);
            CarryOut();
        }
    }

    private void CarryOut()
    {
        foreach (var outgoing in _output.Messages)
        {
            (outgoing.Message.Kind == MessageKind.JoinRequest ? _asked : _probed).Add(outgoing.To);
        }

        foreach (var timer in _output.Timers)
        {
            _timers.Enqueue(timer.Key, timer.Due);
        }

        _effects.AddRange(_output.Effects);
        _output.Clear();
    }
}
