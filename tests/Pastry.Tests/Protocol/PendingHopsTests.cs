using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

public class PendingHopsTests
{
    private static readonly NodeHandle A = Nodes.At(1);
    private static readonly NodeHandle B = Nodes.At(2);

    [Fact]
    public void Acknowledgement_ends_custody_once()
    {
        var pending = new PendingHops(16, long.MaxValue);
        Assert.True(pending.TryAdd(Hop(A, due: 1), out var sequence));
        Assert.False(pending.TryTake(sequence, B.Id, out _));
        Assert.True(pending.TryTake(sequence, A.Id, out var hop));
        Assert.Equal(sequence, hop.Message.Sequence);
        Assert.False(pending.TryTake(sequence, A.Id, out _));
        Assert.Equal(0, pending.Count);
    }

    [Fact]
    public void Late_acknowledgement_of_an_earlier_use_of_a_slot_finds_nothing()
    {
        var pending = new PendingHops(1, long.MaxValue);
        var numbers = new HashSet<uint>();
        for (var use = 0; use < 4000; use++)
        {
            Assert.True(pending.TryAdd(Hop(A, due: 1), out var sequence));
            Assert.True(numbers.Add(sequence), "a number came back too early");
            Assert.All(numbers.Where(number => number != sequence).TakeLast(3), stale => Assert.False(pending.TryTake(stale, A.Id, out _)));
            Assert.True(pending.TryTake(sequence, A.Id, out _));
        }
    }

    [Fact]
    public void Beyond_the_bound_nothing_is_taken()
    {
        var pending = new PendingHops(5, long.MaxValue);
        for (var i = 0; i < 5; i++)
        {
            Assert.True(pending.TryAdd(Hop(A, due: 1), out _));
        }

        Assert.False(pending.TryAdd(Hop(A, due: 1), out _));
        Assert.Equal(5, pending.Count);
    }

    [Fact]
    public void Overdue_messages_come_out_and_the_next_is_named()
    {
        var pending = new PendingHops(16, long.MaxValue);
        pending.TryAdd(Hop(A, due: 10), out _);
        pending.TryAdd(Hop(B, due: 20), out _);
        pending.TryAdd(Hop(B, due: 30), out _);
        var overdue = new List<PendingHop>();

        Assert.Equal(new Instant(30), pending.TakeOverdue(new Instant(20), overdue));
        Assert.Equal([10L, 20L], overdue.Select(hop => hop.Due.Ticks).Order());
        Assert.Equal(Instant.Never, pending.TakeOverdue(new Instant(30), overdue));
        Assert.Equal(0, pending.Count);
    }

    [Fact]
    public void Messages_to_one_node_come_out_and_no_others()
    {
        var pending = new PendingHops(16, long.MaxValue);
        pending.TryAdd(Hop(A, due: 1), out _);
        pending.TryAdd(Hop(B, due: 2), out _);
        pending.TryAdd(Hop(A, due: 3), out _);
        var stranded = new List<PendingHop>();
        pending.TakeAllTo(A, stranded);

        Assert.Equal([1L, 3L], stranded.Select(hop => hop.Due.Ticks).Order());
        Assert.Equal(1, pending.Count);
    }

    [Fact]
    public void Long_messages_fill_it_before_there_are_many()
    {
        var payload = Payload.FromBytes(new byte[1000]);
        var pending = new PendingHops(16, maxBytes: 2500);
        Assert.True(pending.TryAdd(Hop(A, due: 1, payload), out var first));
        Assert.True(pending.TryAdd(Hop(A, due: 1, payload), out _));
        Assert.False(pending.TryAdd(Hop(A, due: 1, payload), out _));
        Assert.True(pending.TryTake(first, A.Id, out _));
        Assert.True(pending.TryAdd(Hop(A, due: 1, payload), out _));
    }

    [Fact]
    public void A_message_that_never_left_is_told_from_one_without_an_answer()
    {
        var pending = new PendingHops(16, long.MaxValue);
        pending.TryAdd(Hop(A, due: 1), out var dropped);
        pending.TryAdd(Hop(A, due: 1), out _);
        pending.NotSent(dropped);
        pending.NotSent(dropped + (1 << 20));
        var overdue = new List<PendingHop>();
        pending.TakeOverdue(new Instant(2), overdue);

        Assert.Equal([false, true], overdue.Select(hop => hop.IsSent).Order());
    }

    private static PendingHop Hop(NodeHandle to, long due, Payload payload = default) =>
        new() { NextHop = to, Due = new Instant(due), IsSent = true, Message = new Message { Kind = MessageKind.Routed, Payload = payload } };
}
