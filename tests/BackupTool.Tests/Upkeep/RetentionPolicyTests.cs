using BackupTool.Repository;
using BackupTool.Upkeep;

namespace BackupTool.Tests.Upkeep;

public sealed class RetentionPolicyTests
{
    private static readonly DateTimeOffset Start = new(2025, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_last_of_each_period_is_kept_and_no_more_of_them_than_asked_for()
    {
        // Two a day for 400 days, to 4 February 2026.
        var snapshots = Enumerable.Range(0, 800).Select(number => Snapshot(number, Start.AddHours(12 * number))).ToArray();
        var policy = new RetentionPolicy { Last = 1, Daily = 3, Weekly = 2, Monthly = 2, Yearly = 2 };
        var kept = snapshots.Except(policy.Forgotten(snapshots, TimeZoneInfo.Utc)).Select(snapshot => snapshot.Time.ToString("yyyy-MM-dd HH", null));
        Assert.Equal(["2025-12-31 12", "2026-01-31 12", "2026-02-01 12", "2026-02-03 12", "2026-02-04 12", "2026-02-05 00"], Shift(kept));

        static IEnumerable<string> Shift(IEnumerable<string> times) => times.Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Hosts_and_paths_are_counted_by_themselves()
    {
        Snapshot[] snapshots =
        [
            Snapshot(1, Start), Snapshot(2, Start.AddDays(1)),
            Snapshot(3, Start) with { Host = "other" },
            Snapshot(4, Start) with { Paths = ["/elsewhere"] },
        ];
        var forgotten = new RetentionPolicy { Last = 1 }.Forgotten(snapshots, TimeZoneInfo.Utc);
        Assert.Equal([snapshots[0]], forgotten);
    }

    [Fact]
    public void What_has_a_tag_that_is_kept_is_kept_in_addition()
    {
        Snapshot[] snapshots = [Snapshot(1, Start) with { Tags = ["a", "release"] }, Snapshot(2, Start.AddDays(1)), Snapshot(3, Start.AddDays(2))];
        Assert.Equal([snapshots[1]], new RetentionPolicy { Last = 1, Tags = ["release"] }.Forgotten(snapshots, TimeZoneInfo.Utc));
        Assert.Equal(snapshots[1..], new RetentionPolicy { Tags = ["release"] }.Forgotten(snapshots, TimeZoneInfo.Utc));
    }

    private static Snapshot Snapshot(int number, DateTimeOffset time) =>
        new() { Id = number.ToString("x32", null), Time = time, Host = "host", Paths = ["/home"], Root = "" };
}
