using P2P.YouServ.Protocol;

namespace YouServ.Tests.Coordination;

public sealed class LapseGuardTests
{
    private static readonly LeaseTerms Terms = new(TimeSpan.FromSeconds(10));

    [Fact]
    public void A_coordinator_that_has_just_started_takes_no_names()
    {
        var guard = new LapseGuard(Terms, TimeSpan.Zero, At(0));
        for (var second = 5; second < 25; second += 5)
        {
            Assert.False(guard.MayLapse(TimeSpan.FromSeconds(second), At(second)));
        }

        Assert.True(guard.MayLapse(TimeSpan.FromSeconds(25), At(25)));
    }

    [Fact]
    public void A_coordinator_that_slept_listens_first()
    {
        var guard = new LapseGuard(Terms, TimeSpan.Zero, At(0));
        for (var second = 5; second <= 100; second += 5)
        {
            guard.MayLapse(TimeSpan.FromSeconds(second), At(second));
        }

        Assert.False(guard.MayLapse(TimeSpan.FromSeconds(500), At(500)));
        for (var second = 505; second < 525; second += 5)
        {
            Assert.False(guard.MayLapse(TimeSpan.FromSeconds(second), At(second)));
        }

        Assert.True(guard.MayLapse(TimeSpan.FromSeconds(525), At(525)));
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void Where_the_clock_is_set_the_coordinator_listens_first(int seconds)
    {
        var guard = new LapseGuard(Terms, TimeSpan.Zero, At(0));
        for (var second = 5; second <= 100; second += 5)
        {
            guard.MayLapse(TimeSpan.FromSeconds(second), At(second));
        }

        for (var second = 105; second < 130; second += 5)
        {
            Assert.False(guard.MayLapse(TimeSpan.FromSeconds(second), At(second + seconds)));
        }

        Assert.True(guard.MayLapse(TimeSpan.FromSeconds(130), At(130 + seconds)));
    }

    private static DateTimeOffset At(int second) => DateTimeOffset.UnixEpoch.AddSeconds(second);
}
