using System.Net;
using P2P.YouServ.Hosting;

namespace YouServ.Tests.Tunnels;

public sealed class WaitingRoomTests
{
    private readonly WaitingRoom _room = new(4);

    [Fact]
    public void The_oldest_of_the_place_with_most_goes_first()
    {
        var first = Enter("192.0.2.1");
        var (one, two) = (Enter("192.0.2.2"), Enter("192.0.2.2"));
        Enter("192.0.2.3");
        Assert.Same(one, Displaced("192.0.2.4"));
        Assert.Same(first, Displaced("192.0.2.5"));
        Assert.Same(two, Displaced("192.0.2.2"));
        Assert.Equal(4, _room.Count);
    }

    [Fact]
    public void Who_has_left_is_counted_no_more()
    {
        var guests = Enumerable.Range(1, 4).Select(host => Enter($"192.0.2.{host}")).ToArray();
        _room.Leave(guests[1]);
        _room.Leave(guests[1]);
        Assert.Equal(3, _room.Count);
        Assert.Null(Displaced("192.0.2.9"));
        Assert.Same(guests[0], Displaced("192.0.2.10"));
    }

    [Fact]
    public void A_host_has_many_addresses_of_IPv6()
    {
        Enter("192.0.2.1");
        Enter("::ffff:192.0.2.7");
        var one = Enter("2001:db8::1");
        Enter("2001:db8::2");
        Assert.Same(one, Displaced("192.0.2.2"));
    }

    private WaitingRoom.Guest Enter(string address)
    {
        var guest = new WaitingRoom.Guest(() => { });
        Assert.Null(_room.Enter(IPAddress.Parse(address), guest));
        return guest;
    }

    private WaitingRoom.Guest? Displaced(string address) => _room.Enter(IPAddress.Parse(address), new(() => { }));
}
