using Microsoft.Extensions.Time.Testing;
using P2P.Pastry;

namespace Pastry.Tests.Hosting;

public class WakeUpTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly FakeTimeProvider _time = new();
    private readonly WakeUp _wakeUp;
    private int _count;

    public WakeUpTests() => _wakeUp = new WakeUp(_time, () => _count++);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(4_000, 1)]
    [InlineData(9_999, 1)]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    [InlineData(70_000, 7)]
    public void It_goes_off_once_at_the_next_whole_millisecond(long dueTicks, int milliseconds)
    {
        _wakeUp.Arm(new Instant(dueTicks), Instant.Zero);
        _wakeUp.Arm(new Instant(dueTicks), Instant.Zero);

        _time.Advance(TimeSpan.FromMilliseconds(milliseconds) - Tick);
        Assert.Equal(0, _count);
        _time.Advance(Tick);
        Assert.Equal(1, _count);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, _count);
    }

    [Fact]
    public void It_can_be_set_again_for_the_same_instant_after_it_went_off_early()
    {
        var due = new Instant(30_000);
        _wakeUp.Arm(due, Instant.Zero);
        _time.Advance(TimeSpan.FromMilliseconds(3));
        Assert.Equal(1, _count);

        // The node's clock is behind the timer's.
        _wakeUp.Arm(due, due - Tick);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(2, _count);
    }

    [Fact]
    public void It_bears_what_is_due_in_a_thousand_years_and_what_never_is()
    {
        _wakeUp.Arm(Instant.Zero + TimeSpan.FromDays(365_000), Instant.Zero);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, _count);

        _wakeUp.Arm(Instant.Never, Instant.Zero);
        _time.Advance(TimeSpan.FromDays(365));
        Assert.Equal(1, _count);
    }

    [Fact]
    public void What_is_due_already_wakes_at_once()
    {
        _wakeUp.Arm(Instant.Zero, new Instant(5));
        _time.Advance(Tick);

        Assert.Equal(1, _count);
    }
}
