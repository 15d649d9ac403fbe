using P2P.YouServ.Protocol;

namespace YouServ.Tests.Tunnels;

public sealed class ByteBudgetTests
{
    private readonly ByteBudget _budget = new(1000);

    [Fact]
    public void A_second_of_bytes_passes_at_once_and_more_waits()
    {
        var now = TimeSpan.FromMinutes(1);
        Assert.Equal(TimeSpan.Zero, _budget.Spend(1000, now));
        Assert.Equal(TimeSpan.FromSeconds(0.5), _budget.Spend(500, now));
        Assert.Equal(TimeSpan.FromSeconds(1), _budget.Spend(1000, now + TimeSpan.FromSeconds(0.5)));
    }

    [Fact]
    public void What_was_not_used_is_not_saved()
    {
        Assert.Equal(TimeSpan.Zero, _budget.Spend(10, TimeSpan.FromMinutes(1)));
        Assert.Equal(TimeSpan.FromSeconds(1), _budget.Spend(2000, TimeSpan.FromHours(1)));
    }
}
