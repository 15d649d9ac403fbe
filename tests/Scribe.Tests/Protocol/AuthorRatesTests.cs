using P2P.Pastry;
using P2P.Scribe.Protocol;

namespace Scribe.Tests.Protocol;

public sealed class AuthorRatesTests
{
    private static readonly RateLimit Limit = new(PerSecond: 10, AtOnce: 20);

    [Fact]
    public void Who_makes_keys_at_will_gets_no_more_than_one_author_beyond_those_that_are_remembered()
    {
        const int AuthorsMax = 100;
        var rates = new AuthorRates(AuthorsMax);
        var taken = 0;
        var now = Instant.Zero;
        for (var key = 1UL; key <= 100 * AuthorsMax; key++)
        {
            taken += rates.TryTake(new NodeId(key), 20, Limit, now) ? 20 : 0;
        }

        Assert.Equal((AuthorsMax + 1) * 20, taken);
        Assert.False(rates.TryTake(new NodeId(1), 1, Limit, now));
        Assert.Equal(0, rates.Left(new NodeId(1_000_000), Limit, now));
    }

    [Fact]
    public void Who_has_been_silent_makes_room_for_others()
    {
        var rates = new AuthorRates(authorsMax: 2);
        Assert.True(rates.TryTake(new NodeId(1), 20, Limit, Instant.Zero));
        Assert.True(rates.TryTake(new NodeId(2), 20, Limit, Instant.Zero + TimeSpan.FromSeconds(1)));
        var now = Instant.Zero + TimeSpan.FromSeconds(2.5);
        Assert.True(rates.TryTake(new NodeId(3), 20, Limit, now));
        Assert.False(rates.TryTake(new NodeId(2), 20, Limit, now));
        Assert.True(rates.TryTake(new NodeId(4), 20, Limit, now));
        Assert.False(rates.TryTake(new NodeId(5), 20, Limit, now));
    }
}
