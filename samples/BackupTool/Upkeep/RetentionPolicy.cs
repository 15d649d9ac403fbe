using System.Globalization;
using BackupTool.Repository;

namespace BackupTool.Upkeep;

/// <summary>Says which snapshots are kept: the last ones, and the last one of each of so many days, weeks, months and years, all in the clock of this machine. Only those periods count in which there are snapshots.</summary>
internal sealed record RetentionPolicy
{
    public int Last { get; init; }

    public int Daily { get; init; }

    public int Weekly { get; init; }

    public int Monthly { get; init; }

    public int Yearly { get; init; }

    /// <summary>Snapshots with one of these are all kept.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether it keeps nothing: then nobody has said what to keep.</summary>
    public bool IsEmpty => Last + Daily + Weekly + Monthly + Yearly == 0 && Tags.Count == 0;

    /// <summary>Chooses what to forget; snapshots of each host and set of paths are counted by themselves.</summary>
    public IReadOnlyList<Snapshot> Forgotten(IEnumerable<Snapshot> snapshots, TimeZoneInfo zone) =>
        [.. snapshots
            .GroupBy(snapshot => string.Join('\0', snapshot.Paths.Prepend(snapshot.Host)))
            .SelectMany(group => Forgotten([.. group.OrderByDescending(snapshot => snapshot.Time)], zone))
            .OrderBy(snapshot => snapshot.Time)];

    private IEnumerable<Snapshot> Forgotten(Snapshot[] newestFirst, TimeZoneInfo zone)
    {
        var kept = newestFirst.Take(Last).Concat(newestFirst.Where(snapshot => snapshot.Tags.Intersect(Tags).Any())).ToHashSet();
        foreach (var (count, period) in ((int, Func<DateTimeOffset, (int, int)>)[])
        [
            (Daily, time => (time.Year, time.DayOfYear)),
            (Weekly, time => (ISOWeek.GetYear(time.DateTime), ISOWeek.GetWeekOfYear(time.DateTime))),
            (Monthly, time => (time.Year, time.Month)),
            (Yearly, time => (time.Year, 0)),
        ])
        {
            kept.UnionWith(newestFirst.DistinctBy(snapshot => period(TimeZoneInfo.ConvertTime(snapshot.Time, zone))).Take(count));
        }

        return newestFirst.Where(snapshot => !kept.Contains(snapshot));
    }
}
