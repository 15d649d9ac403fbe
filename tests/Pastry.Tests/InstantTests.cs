using P2P.Pastry;

namespace Pastry.Tests;

public sealed class InstantTests
{
    [Fact]
    public void Instant_beyond_the_end_of_the_clock_is_never_reached()
    {
        Assert.Equal(Instant.Never, new Instant(5) + TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, new Instant(5) - -TimeSpan.MaxValue);
        Assert.Equal(Instant.Never, Instant.Never - TimeSpan.FromDays(1));
        Assert.Equal(new Instant(7), new Instant(5) + new TimeSpan(2));
        Assert.Equal(new Instant(3), new Instant(5) + new TimeSpan(-2));
        Assert.Equal(new Instant(7), new Instant(5) - new TimeSpan(-2));
    }

    [Fact]
    public void Spans_of_the_options_have_an_upper_bound()
    {
        new PastryOptions { HeartbeatInterval = TimeSpan.FromHours(12), LeaseDuration = TimeSpan.FromDays(1) }.Validate();
        var failure = Assert.Throws<PastryException>(() => new PastryOptions { TableMaintenanceInterval = TimeSpan.FromDays(2) }.Validate());
        Assert.Contains("TableMaintenanceInterval", failure.Message, StringComparison.Ordinal);
        Assert.Throws<PastryException>(() => new PastryOptions { LeaseDuration = TimeSpan.MaxValue }.Validate());
        Assert.Throws<PastryException>(() => new PastryOptions { HeartbeatInterval = TimeSpan.MaxValue }.Validate());
    }
}
