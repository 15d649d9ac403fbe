using Microsoft.Extensions.Time.Testing;
using QuickStart.Dashboard;

namespace QuickStart.Tests.Dashboard;

/// <summary>The timeline tells what happened once, and in order.</summary>
public sealed class TimelineTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly Timeline _timeline;

    public TimelineTests() => _timeline = new(_time);

    [Fact]
    public void A_stop_is_noticed_once_and_the_repair_is_told_when_nothing_lacks_any_more()
    {
        _timeline.Take(lacking: 0, below: 0, lost: 0);
        _timeline.Stop(3, "ab", wasReady: true);
        _timeline.Take(lacking: 5, below: 4, lost: 0);
        _timeline.Notice(3, "ab");
        _timeline.Notice(3, "ab");
        _timeline.Take(lacking: 1, below: 1, lost: 0);
        _timeline.Take(lacking: 0, below: 0, lost: 0);
        _timeline.Take(lacking: 0, below: 0, lost: 0);
        Assert.Equal(["stopped", "noticed", "repaired"], _timeline.Happenings.Select(happening => happening.Kind));
        Assert.Equal([0, 5, 1, 0, 0], _timeline.Samples.Select(sample => sample.Lacking));
    }

    [Fact]
    public void A_repair_is_not_told_before_the_stop_is_noticed()
    {
        _timeline.Stop(3, "ab", wasReady: true);
        _timeline.Take(lacking: 0, below: 0, lost: 0);
        Assert.DoesNotContain(_timeline.Happenings, happening => happening.Kind == "repaired");
    }

    [Fact]
    public void A_stop_that_nobody_ever_notices_keeps_no_later_repair_from_being_told()
    {
        _timeline.Stop(3, "ab", wasReady: true);
        _time.Advance(TimeSpan.FromMinutes(1));
        _timeline.Take(lacking: 1, below: 1, lost: 0);
        _timeline.Take(lacking: 0, below: 0, lost: 0);
        Assert.Equal(["stopped", "repaired"], _timeline.Happenings.Select(happening => happening.Kind));
    }

    [Fact]
    public void Nobody_is_waited_for_to_miss_a_node_that_was_not_ready_yet()
    {
        _timeline.Stop(3, "ab", wasReady: false);
        _timeline.Take(lacking: 1, below: 1, lost: 0);
        _timeline.Take(lacking: 0, below: 0, lost: 0);
        Assert.Equal(["stopped", "repaired"], _timeline.Happenings.Select(happening => happening.Kind));
    }

    [Fact]
    public void Where_nothing_lacked_nothing_was_repaired()
    {
        _timeline.Stop(3, "ab", wasReady: true);
        _timeline.Notice(3, "ab");
        _timeline.Take(lacking: 0, below: 0, lost: 0);
        Assert.Equal(["stopped", "noticed"], _timeline.Happenings.Select(happening => happening.Kind));
    }

    [Fact]
    public void What_it_keeps_is_bounded()
    {
        for (var i = 0; i < 1000; i++)
        {
            _timeline.Take(0, 0, 0);
            _timeline.Start(i, "ab");
        }

        Assert.InRange(_timeline.Samples.Count, 1, 500);
        Assert.InRange(_timeline.Happenings.Count, 1, 100);
    }
}
