using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

/// <summary>How the nodes' word for their host stands against time.</summary>
public sealed class DelegationTests
{
    [Fact]
    public async Task An_expired_delegation_is_refused()
    {
        using var meters = new MeterRecorder();
        await using var late = await TcpTestHost.StartAsync(options => (options.Time, options.MeterFactory) = (TcpTestHost.ClockAt(TimeSpan.FromHours(26)), meters));
        await using var early = await TcpTestHost.StartAsync(options => options.Time = TcpTestHost.ClockAt(TimeSpan.Zero));
        early.Send(late.Handle, "from yesterday");
        Assert.Equal((late.Handle, PeerDownReason.IdentityMismatch), await early.Seen.NextDownAsync());
        await meters.CountsAsync("handshakes_refused/identity");
    }

    [Fact]
    public async Task Clocks_that_are_an_hour_off_do_no_harm()
    {
        using var metersOfA = new MeterRecorder();
        using var metersOfB = new MeterRecorder();
        var ahead = TcpTestHost.ClockAt(TimeSpan.FromHours(1));
        var behind = TcpTestHost.ClockAt(TimeSpan.FromHours(-1));
        Action<TcpTransportOptions> shortest = options => (options.DelegationLifetime, options.IdleTimeout) = (TimeSpan.FromHours(4), TimeSpan.FromDays(1));
        await using var a = await TcpTestHost.StartAsync(shortest + (options => (options.Time, options.MeterFactory) = (ahead, metersOfA)));
        await using var b = await TcpTestHost.StartAsync(shortest + (options => (options.Time, options.MeterFactory) = (behind, metersOfB)));
        for (var hour = 0; hour < 12; hour++)
        {
            await a.GreetAsync(b);
            await b.GreetAsync(a);
            await MeterRecorder.QuietAsync(metersOfA, metersOfB);
            ahead.Advance(TimeSpan.FromHours(1));
            behind.Advance(TimeSpan.FromHours(1));
        }

        await using var c = await TcpTestHost.StartAsync(shortest + (options => options.Time = behind));
        await a.GreetAsync(c);
        await c.GreetAsync(b);
    }

    [Fact]
    public async Task A_connection_outlives_many_renewals()
    {
        using var metersOfA = new MeterRecorder();
        using var metersOfB = new MeterRecorder();
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        Action<TcpTransportOptions> patient = options =>
            (options.Time, options.IdleTimeout, options.StallTimeout) = (clock, TimeSpan.FromDays(1), TimeSpan.FromHours(1));
        await using var a = await TcpTestHost.StartAsync(patient + (options => options.MeterFactory = metersOfA));
        await using var b = await TcpTestHost.StartAsync(patient + (options => options.MeterFactory = metersOfB));
        for (var step = 0; step < 6; step++)
        {
            await a.GreetAsync(b);
            await b.GreetAsync(a);
            await MeterRecorder.QuietAsync(metersOfA, metersOfB);
            // Half an hour more than it takes to the renewal, whose writing may not look stalled.
            clock.Advance(TimeSpan.FromHours(12.5));
        }

        await a.GreetAsync(b);
        await b.GreetAsync(a);
        Assert.Equal(1, metersOfA.Sum("connections"));
        Assert.False(a.Seen.HasDown || b.Seen.HasDown);
    }
}
