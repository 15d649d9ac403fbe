namespace QuickStart.Groups;

/// <summary>Compares what the members of a group have heard.</summary>
internal static class OrderCheck
{
    /// <summary>Whether all have heard the same, in the same order, and nothing twice.</summary>
    public static bool IsOneOrder(IReadOnlyList<IReadOnlyList<int>> heard) => FindDifference(heard) is null;

    /// <summary>Says where members have heard something else for the first time, and what somebody has heard twice; null where all is as it should be.</summary>
    public static string? FindDifference(IReadOnlyList<IReadOnlyList<int>> heard)
    {
        for (var member = 0; member < heard.Count; member++)
        {
            var (one, other) = (heard[0], heard[member]);
            if (one.Count != other.Count || !one.SequenceEqual(other))
            {
                var place = one.Zip(other).TakeWhile(pair => pair.First == pair.Second).Count();
                return $"of {one.Count} and {other.Count} messages, number {place + 1} was {NameOf(one, place)} at one member and {NameOf(other, place)} at another; they have {CountTwice(one)} and {CountTwice(other)} twice";
            }
        }

        return heard is [var first, ..] && CountTwice(first) is var twice and > 0 ? $"all have heard {twice} messages twice" : null;
    }

    /// <summary>Counts what was published and somebody has not heard; once for each who has not.</summary>
    public static int CountLost(IReadOnlyList<IReadOnlyList<int>> heard, IReadOnlyCollection<int> published) =>
        heard.Sum(one => published.Except(one).Count());

    private static int CountTwice(IReadOnlyList<int> heard) => heard.Count - heard.Distinct().Count();

    private static string NameOf(IReadOnlyList<int> heard, int place) => place < heard.Count ? $"message {heard[place]}" : "nothing";
}
