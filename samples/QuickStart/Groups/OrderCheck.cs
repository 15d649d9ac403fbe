namespace QuickStart.Groups;

/// <summary>Compares what the members of a group have heard.</summary>
internal static class OrderCheck
{
    /// <summary>Whether all have heard the same, in the same order, and nothing twice.</summary>
    public static bool IsOneOrder(IReadOnlyList<IReadOnlyList<int>> heard) =>
        heard is [] || (heard[0].Distinct().Count() == heard[0].Count && heard.All(other => other.SequenceEqual(heard[0])));

    /// <summary>Counts what was published and somebody has not heard; once for each who has not.</summary>
    public static int CountLost(IReadOnlyList<IReadOnlyList<int>> heard, IReadOnlyCollection<int> published) =>
        heard.Sum(one => published.Except(one).Count());
}
