using P2P.YouServ.Protocol;

namespace YouServ.Tests.Tunnels;

public sealed class ProxyPaceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly ProxyPace _pace = new();

    [Fact]
    public void Another_is_looked_for_at_once_and_then_later_each_time_up_to_a_bound()
    {
        var now = TimeSpan.FromHours(1);
        Assert.InRange(_pace.Failed(now, 0.9) - now, TimeSpan.Zero, Second);
        double[] pauses = [.. Enumerable.Range(0, 12).Select(_ => (_pace.Failed(now, 0.5) - now).TotalSeconds)];
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60, 60], pauses);
    }

    [Fact]
    public void Chance_spreads_those_who_come_back()
    {
        _pace.Failed(default, 0);
        _pace.Failed(default, 0);
        _pace.Failed(default, 0);
        Assert.Equal(2 * Second, new ProxyPaceTests().Third(0));
        Assert.Equal(6 * Second, new ProxyPaceTests().Third(1));
    }

    [Fact]
    public void A_tunnel_that_has_held_is_followed_by_another_at_once_and_one_that_has_not_is_not()
    {
        _pace.Failed(default, 0.5);
        _pace.Failed(default, 0.5);
        _pace.Opened(default, 0.5);
        Assert.Equal((4 + 2) * Second, _pace.Lost("joe", 4 * Second, 0.5));
        _pace.Opened(10 * Second, 0.5);
        Assert.InRange(_pace.Lost("joe", 80 * Second, 0.5) - (80 * Second), TimeSpan.Zero, Second);
    }

    [Fact]
    public void Who_has_failed_is_avoided_and_only_the_last_few_are()
    {
        for (var i = 0; i < 10; i++)
        {
            _pace.Avoid($"joe{i}");
        }

        _pace.Avoid("joe5");
        Assert.Equal(["joe2", "joe3", "joe4", "joe6", "joe7", "joe8", "joe9", "joe5"], _pace.Avoided);
        _pace.Forgive();
        Assert.Empty(_pace.Avoided);
    }

    [Fact]
    public void The_direct_way_is_tried_from_time_to_time_and_at_once_where_asked()
    {
        _pace.Opened(Second, 0);
        Assert.Equal(Second + TimeSpan.FromMinutes(2.5), _pace.DirectDue);
        _pace.DirectFailed(_pace.DirectDue, 1);
        Assert.Equal(Second + TimeSpan.FromMinutes(10), _pace.DirectDue);
        _pace.TryDirectly(2 * Second);
        Assert.Equal(2 * Second, _pace.DirectDue);
    }

    private TimeSpan Third(double random)
    {
        _pace.Failed(default, random);
        _pace.Failed(default, random);
        _pace.Failed(default, random);
        return _pace.Failed(default, random);
    }
}
