using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

public class HeldMessagesTests
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromTicks(100);

    [Fact]
    public void The_oldest_makes_room_for_the_newest()
    {
        var held = new HeldMessages(new PastryOptions { HeldMessagesMax = 2, HeldMessageLifetime = Lifetime }, new PayloadPool());
        Assert.Equal(0, held.Add(MessageTo(1), null, new Instant(0)));
        Assert.Equal(0, held.Add(MessageTo(2), null, new Instant(1)));
        Assert.Equal(1, held.Add(MessageTo(3), null, new Instant(2)));

        Assert.Equal([2, 3], held.TakeAll().Select(message => (int)message.Message.Key.Value));
    }

    [Fact]
    public void What_has_waited_too_long_is_dropped()
    {
        var held = new HeldMessages(new PastryOptions { HeldMessagesMax = 8, HeldMessageLifetime = Lifetime }, new PayloadPool());
        Assert.Equal(Instant.Never, held.NextExpiry);
        held.Add(MessageTo(1), null, new Instant(0));
        held.Add(MessageTo(2), null, new Instant(50));

        Assert.Equal(new Instant(100), held.NextExpiry);
        Assert.Equal(0, held.DropExpired(new Instant(99)));
        Assert.Equal(1, held.DropExpired(new Instant(100)));
        Assert.Equal(new Instant(150), held.NextExpiry);
    }

    [Fact]
    public void What_is_put_back_keeps_its_lifetime_and_waits_for_the_next_round()
    {
        var held = new HeldMessages(new PastryOptions { HeldMessagesMax = 8, HeldMessageLifetime = Lifetime }, new PayloadPool());
        held.Add(MessageTo(1), null, new Instant(0));
        held.Add(MessageTo(2), null, new Instant(10));
        var round = held.TakeAll();
        while (round.TryDequeue(out var message))
        {
            held.PutBack(message);
        }

        Assert.Equal(2, held.Count);
        Assert.Equal(new Instant(100), held.NextExpiry);
        Assert.Equal(2, held.TakeAll().Count);
        Assert.Equal(0, held.Count);
    }

    [Fact]
    public void Long_messages_make_room_for_others_before_there_are_many()
    {
        var payload = Payload.FromBytes(new byte[64 * 1024]);
        var held = new HeldMessages(new PastryOptions { HeldBytesMax = 3 * 64 * 1024, HeldMessageLifetime = Lifetime }, new PayloadPool());
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(i < 3 ? 0 : 1, held.Add(MessageTo(i) with { Payload = payload }, null, new Instant(i)));
        }

        Assert.Equal(3, held.DropExpired(new Instant(1000)));
        Assert.Equal(0, held.Add(MessageTo(11) with { Payload = payload }, null, new Instant(1001)));
    }

    [Theory]
    [InlineData(8, 1024 * 1024)]
    [InlineData(1024, 8 * 64)]
    public void Who_sends_much_pushes_out_only_what_it_sent_itself(int messagesMax, int bytesMax)
    {
        var held = new HeldMessages(new PastryOptions { HeldMessagesMax = messagesMax, HeldBytesMax = bytesMax, HeldMessageLifetime = Lifetime }, new PayloadPool());
        var payload = Payload.FromBytes(new byte[64]);
        held.Add(MessageTo(1) with { Payload = payload }, null, new Instant(0));
        held.Add(MessageTo(2) with { Payload = payload }, Nodes.At(2), new Instant(1));
        var dropped = Enumerable.Range(100, 50).Sum(key => held.Add(MessageTo(key) with { Payload = payload }, Nodes.At(3), new Instant(2)));

        Assert.Equal(44, dropped);
        Assert.Equal([1, 2, .. Enumerable.Range(144, 6)], held.TakeAll().Select(message => (int)message.Message.Key.Value));
    }

    private static Message MessageTo(int key) => new() { Kind = MessageKind.Routed, Key = new NodeId((UInt128)key) };
}
