using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace YouServ.Tests.Tunnels;

public sealed class TunnelMachineTests
{
    private const int Window = 100;

    private readonly TunnelMachine _proxy = new(isProxy: true, lanesMax: 3, Window);
    private readonly TunnelMachine _peer = new(isProxy: false, lanesMax: 3, Window);

    [Fact]
    public void A_lane_sends_what_its_credit_allows_and_more_once_that_is_read()
    {
        var lane = Open();
        Assert.Equal(Window, _proxy.MaySend(lane));
        _proxy.Sent(lane, 60);
        Assert.Equal(TunnelVerdict.Take, Receive(_peer, TunnelFrameKind.Data, lane, 60));
        Assert.Equal(0u, _peer.Consumed(lane, 49));
        Assert.Equal(60u, _peer.Consumed(lane, 11));
        Assert.Equal(TunnelVerdict.Take, Receive(_proxy, TunnelFrameKind.Credit, lane, 60));
        Assert.Equal(Window, _proxy.MaySend(lane));
    }

    [Fact]
    public void A_lane_is_gone_when_both_ends_have_ended_it()
    {
        var lane = Open();
        Assert.True(_proxy.End(lane));
        Assert.False(_proxy.End(lane));
        Assert.Equal(TunnelVerdict.Take, Receive(_peer, TunnelFrameKind.End, lane));
        Assert.Equal(1, _peer.LaneCount);
        Assert.True(_peer.End(lane));
        Assert.Equal(0, _peer.LaneCount);
        Assert.Equal(TunnelVerdict.Take, Receive(_proxy, TunnelFrameKind.End, lane));
        Assert.Equal(0, _proxy.LaneCount);
        Assert.False(_peer.Reset(lane));
    }

    [Fact]
    public void What_was_under_way_to_a_lane_that_was_given_up_is_passed_over()
    {
        var lane = Open();
        Assert.True(_peer.Reset(lane));
        Assert.Equal(TunnelVerdict.PassOver, Receive(_peer, TunnelFrameKind.Data, lane, 10));
        Assert.Equal(TunnelVerdict.Take, Receive(_proxy, TunnelFrameKind.Reset, lane));
        Assert.True(_proxy.MaySend(lane) < 0);
    }

    [Fact]
    public void There_are_no_more_lanes_than_agreed_and_none_at_the_end()
    {
        for (var i = 0; i < 3; i++)
        {
            Open();
        }

        Assert.Equal(0u, _proxy.Open());
        Assert.Equal(TunnelVerdict.Refuse, Receive(_peer, TunnelFrameKind.Open, 4, TunnelFrame.VisitorBytes));
        Assert.Equal(3, _peer.LaneCount);
        Receive(_proxy, TunnelFrameKind.Reset, 1);
        Assert.Equal(TunnelVerdict.Take, Receive(_proxy, TunnelFrameKind.Leave, 0));
        Assert.Equal(0u, _proxy.Open());
    }

    [Theory]
    [InlineData((byte)TunnelFrameKind.Data, 1, 101)]
    [InlineData((byte)TunnelFrameKind.Data, 2, 1)]
    [InlineData((byte)TunnelFrameKind.Data, 1, 0)]
    [InlineData((byte)TunnelFrameKind.Data, 1, TunnelFrame.BodyBytesMax + 1)]
    [InlineData((byte)TunnelFrameKind.Data, 1, uint.MaxValue)]
    [InlineData((byte)TunnelFrameKind.Credit, 1, 1)]
    [InlineData((byte)TunnelFrameKind.Credit, 1, uint.MaxValue)]
    [InlineData((byte)TunnelFrameKind.Credit, 0, 1)]
    [InlineData((byte)TunnelFrameKind.Open, 1, TunnelFrame.VisitorBytes)]
    [InlineData((byte)TunnelFrameKind.Open, 2, 4)]
    [InlineData((byte)TunnelFrameKind.End, 1, 1)]
    [InlineData((byte)TunnelFrameKind.Ping, 1, 0)]
    [InlineData((byte)99, 0, 0)]
    public void Who_breaks_the_rules_is_cut_off(byte kind, uint lane, uint value)
    {
        Open();
        Assert.Equal(TunnelVerdict.Break, Receive(_peer, (TunnelFrameKind)kind, lane, value));
    }

    [Fact]
    public void A_peer_opens_no_lanes()
    {
        Open();
        Assert.Equal(TunnelVerdict.Break, Receive(_proxy, TunnelFrameKind.Open, 2, TunnelFrame.VisitorBytes));
    }

    private static TunnelVerdict Receive(TunnelMachine machine, TunnelFrameKind kind, uint lane, uint value = 0) => machine.Receive(new(kind, lane, value));

    private uint Open()
    {
        var lane = _proxy.Open();
        Assert.Equal(TunnelVerdict.Take, Receive(_peer, TunnelFrameKind.Open, lane, TunnelFrame.VisitorBytes));
        return lane;
    }
}
