namespace P2P.YouSearch.Protocol;

/// <summary>Bounds how a search asks sites.</summary>
/// <param name="Together">How many sites are asked at once, those that take their time not counted.</param>
/// <param name="SiteDeadline">How long a site has to answer.</param>
/// <param name="Deadline">How long the search takes at most.</param>
internal sealed record FanOutLimits(int Together, TimeSpan SiteDeadline, TimeSpan Deadline)
{
    /// <summary>How many are asked at once at most, all counted.</summary>
    public int OutstandingMax => Together * 4;

    /// <summary>When a site that has not answered counts as one that takes its time: others need not wait for it. Longer than most take on a wide-area network, much shorter than <see cref="SiteDeadline"/>.</summary>
    public TimeSpan SlowAfter { get; init; } = TimeSpan.FromMilliseconds(300);
}
