using P2P.YouServ.Protocol;

namespace YouServ.Tests.Coordination;

public sealed class LapseGuardTests
{
    private static readonly LeaseTerms Terms = new(TimeSpan.FromSeconds(10));

    [Fact]
    public void A_coordinator_that_has_just_started_takes_no_names()
    {
        var guard = new LapseGuard(Terms, TimeSpan.Zero);
        for (var second = 5; second < 25; second += 5)
        {
            Assert.False(guard.MayLapse(TimeSpan.FromSeconds(second)));
        }

        Assert.True(guard.MayLapse(TimeSpan.FromSeconds(25)));
    }

    [Fact]
    public void A_coordinator_that_slept_listens_first()
    {
        var guard = new LapseGuard(Terms, TimeSpan.Zero);
        for (var second = 5; second <= 100; second += 5)
        {
            guard.MayLapse(TimeSpan.FromSeconds(second));
        }

        Assert.False(guard.MayLapse(TimeSpan.FromSeconds(500)));
        for (var second = 505; second < 525; second += 5)
        {
            Assert.False(guard.MayLapse(TimeSpan.FromSeconds(second)));
        }

        Assert.True(guard.MayLapse(TimeSpan.FromSeconds(525)));
    }
}
