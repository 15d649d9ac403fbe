using P2P.YouSearch;
using P2P.YouSearch.Protocol;

namespace PaperFigures.Experiments.Searching;

/// <summary>Says what world is searched, and how.</summary>
/// <param name="Seed">Where all randomness comes from.</param>
/// <param name="Peers">How many peers there are, each with a site.</param>
/// <param name="Queries">How many searches are made.</param>
internal sealed record SearchSetup(ulong Seed, int Peers, int Queries)
{
    /// <summary>How many words there are.</summary>
    public const int Words = 100_000;

    /// <summary>The fraction of peers that never answer, though they are registered.</summary>
    public const double Dead = 0.05;

    /// <summary>The fraction of peers that take <see cref="SlowBy"/> to answer.</summary>
    public const double Slow = 0.03;

    /// <summary>How long slow peers take.</summary>
    public static readonly TimeSpan SlowBy = TimeSpan.FromSeconds(10);

    /// <summary>The time over which the searches are spread.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromHours(1);

    /// <summary>How many groups people are in, each in one.</summary>
    public int Groups { get; init; } = 20;

    /// <summary>How often a site changes, on average.</summary>
    public TimeSpan ChangeInterval { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How many sites are asked at once, slow ones not counted.</summary>
    public int SitesTogether { get; init; } = new YouSearchOptions().SitesTogether;

    /// <summary>How long a site has to answer.</summary>
    public TimeSpan SiteDeadline { get; init; } = new YouSearchOptions().SiteDeadline;

    /// <summary>How long a search takes at most.</summary>
    public TimeSpan Deadline { get; init; } = new YouSearchOptions().Deadline;

    public FanOutLimits Limits => new(SitesTogether, SiteDeadline, Deadline);
}
