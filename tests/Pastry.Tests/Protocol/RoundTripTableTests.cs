using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

public class RoundTripTableTests
{
    private static readonly PastryOptions Options = new();
    private static readonly NodeId Peer = new(((UInt128)7 << 64) | 3);

    [Fact]
    public void Unknown_peer_gets_the_initial_time_out()
    {
        Assert.Equal(Options.HopTimeoutInitial, new RoundTripTable().TimeOut(Peer, float.NaN, Options));
        Assert.True(float.IsNaN(new RoundTripTable().Mean(Peer)));
    }

    [Fact]
    public void Steady_round_trips_bring_the_time_out_down_to_the_allowance()
    {
        var table = Observed(Enumerable.Repeat(100.0, 50));
        Assert.Equal(100, table.Mean(Peer), 0.1);
        Assert.Equal(100 + Options.HopAllowanceMin.TotalMilliseconds, table.TimeOut(Peer, float.NaN, Options).TotalMilliseconds, 1.0);
    }

    [Fact]
    public void Unsteady_round_trips_raise_the_time_out_up_to_its_bound()
    {
        var table = Observed(Enumerable.Range(0, 50).Select(i => i % 2 == 0 ? 100.0 : 300.0));
        Assert.InRange(table.TimeOut(Peer, float.NaN, Options).TotalMilliseconds, 400, 800);

        table = Observed([100_000]);
        Assert.Equal(Options.HopTimeoutMax, table.TimeOut(Peer, float.NaN, Options));
    }

    [Fact]
    public void Round_trip_of_nothing_at_all_is_still_a_measurement()
    {
        var table = Observed([0]);
        Assert.False(float.IsNaN(table.Mean(Peer)));
        Assert.True(table.TimeOut(Peer, float.NaN, Options) >= Options.HopAllowanceMin);
    }

    [Fact]
    public void Who_is_not_known_is_expected_to_be_like_the_others_once_there_are_some()
    {
        var table = new RoundTripTable();
        var stranger = Peers(99);
        for (var peer = 100u; peer < 115; peer++)
        {
            table.Observe(Peers(peer), TimeSpan.FromMilliseconds(peer % 2 == 0 ? 40 : 60));
        }

        Assert.Equal(Options.HopTimeoutInitial, table.TimeOut(stranger, float.NaN, Options));
        table.Observe(Peers(115), TimeSpan.FromMilliseconds(50));
        Assert.InRange(table.TimeOut(stranger, float.NaN, Options).TotalMilliseconds, 90, 160);

        // That one of them is spoken with all the time says nothing of strangers.
        for (var again = 0; again < 100; again++)
        {
            table.Observe(Peers(115), TimeSpan.FromMilliseconds(5));
        }

        Assert.InRange(table.TimeOut(stranger, float.NaN, Options).TotalMilliseconds, 90, 160);

        // One that was measured once, by others' means, is expected to be as it was then.
        Assert.True(table.TimeOut(stranger, 200, Options) > TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void A_slow_world_does_not_raise_the_first_time_out_beyond_the_initial_one()
    {
        var table = new RoundTripTable();
        for (var peer = 100u; peer < 200; peer++)
        {
            table.Observe(Peers(peer), TimeSpan.FromSeconds(5));
        }

        Assert.Equal(Options.HopTimeoutInitial, table.TimeOut(Peers(99), float.NaN, Options));
    }

    [Fact]
    public void Four_peers_share_a_set_and_one_gives_way_to_a_fifth()
    {
        var table = Observed([100]);
        NodeId[] others = [.. Enumerable.Range(8, 4).Select(i => new NodeId(((UInt128)i << 64) | 3))];
        foreach (var other in others)
        {
            table.Observe(other, TimeSpan.FromMilliseconds(5));
            Assert.Equal(5, table.Mean(other));
        }

        Assert.Equal(4, others.Append(Peer).Count(peer => !float.IsNaN(table.Mean(peer))));
    }

    [Fact]
    public void Missed_answer_doubles_the_time_out_once_for_all_that_waited_as_long()
    {
        var table = Observed(Enumerable.Repeat(100.0, 50));
        var steady = table.TimeOut(Peer, float.NaN, Options);
        table.Missed(Peer, steady);
        table.Missed(Peer, steady);
        Assert.Equal(2 * steady.TotalMilliseconds, table.TimeOut(Peer, float.NaN, Options).TotalMilliseconds, 1.0);

        table.Missed(Peer, Options.HopTimeoutMax);
        Assert.Equal(Options.HopTimeoutMax, table.TimeOut(Peer, float.NaN, Options));
        for (var i = 0; i < 50; i++)
        {
            table.Observe(Peer, TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(steady.TotalMilliseconds, table.TimeOut(Peer, float.NaN, Options).TotalMilliseconds, 1.0);
    }

    [Fact]
    public void Missed_answer_of_an_unknown_peer_measures_nothing()
    {
        var table = new RoundTripTable();
        table.Missed(Peer, Options.HopTimeoutInitial);
        Assert.True(float.IsNaN(table.Mean(Peer)));
        Assert.Equal(Options.HopTimeoutInitial, table.TimeOut(Peer, float.NaN, Options));
    }

    private static RoundTripTable Observed(IEnumerable<double> milliseconds)
    {
        var table = new RoundTripTable();
        foreach (var sample in milliseconds)
        {
            table.Observe(Peer, TimeSpan.FromMilliseconds(sample));
        }

        return table;
    }

    private static NodeId Peers(uint number) => new(((UInt128)number << 64) | number);
}
