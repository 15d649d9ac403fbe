namespace P2P.Scribe.Protocol;

/// <summary>Says how much is wanted of what was published before: the last batches, and those that are not older than that.</summary>
/// <param name="Count">So many batches.</param>
/// <param name="Age">How old they may be.</param>
internal readonly record struct HistoryWish(int Count, TimeSpan Age)
{
    /// <summary>Wants what either wants.</summary>
    public HistoryWish Or(HistoryWish other) => new(Math.Max(Count, other.Count), Age > other.Age ? Age : other.Age);
}
