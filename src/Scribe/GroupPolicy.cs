namespace P2P.Scribe;

/// <summary>Sets how a group works, for all of its members: a part of what its creator signs.</summary>
public sealed record GroupPolicy
{
    /// <summary>The longest <see cref="HistoryDuration"/>: a day.</summary>
    public static readonly TimeSpan HistoryDurationLimit = TimeSpan.FromDays(1);

    /// <summary>The largest <see cref="HistoryCount"/>.</summary>
    public const int HistoryCountLimit = 65_536;

    /// <summary>Which way messages take; default <see cref="Dissemination.ThroughRoot"/>.</summary>
    public Dissemination Dissemination { get; init; }

    /// <summary>Who may publish; default everyone.</summary>
    public GroupAudience Authors { get; init; }

    /// <summary>
    /// Who may join; default everyone. It keeps out who means well: messages are not encrypted, and nodes that are no members forward them.
    /// </summary>
    public GroupAudience Members { get; init; }

    /// <summary>
    /// How many batches of ordered messages each node of the tree keeps for members that join late or have missed some; 1 to
    /// <see cref="HistoryCountLimit"/>, default 256. A batch is what an author has published while the one before was being signed. More of it bridges longer
    /// outages, and costs memory at every node of the tree.
    /// </summary>
    public int HistoryCount { get; init; } = 256;

    /// <summary>How long they are kept, 0 to <see cref="HistoryDurationLimit"/>; default 5 min.</summary>
    public TimeSpan HistoryDuration { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many messages an author may publish a second, on average, with twice as many at once; 1 or more, default 200. What is beyond it the
    /// rendezvous point refuses, or where messages crawl the author's own node. One that does not is held back by its neighbours, at twice as many.
    /// </summary>
    public int MessagesPerSecondMax { get; init; } = 200;

    /// <summary>
    /// Whether members are told who is in the group, who joins and who leaves (<see cref="GroupEvent.Joined"/>); default false. Each member says so from time to
    /// time: at most five messages a second in all up to a thousand members, and more of them are not shown.
    /// </summary>
    public bool ShowsMembers { get; init; }

    /// <exception cref="ScribeException">A value is outside its range.</exception>
    internal void Validate()
    {
        Require(Enum.IsDefined(Dissemination), nameof(Dissemination), Dissemination, "one of those that are defined");
        Require(Enum.IsDefined(Authors), nameof(Authors), Authors, "one of those that are defined");
        Require(Enum.IsDefined(Members), nameof(Members), Members, "one of those that are defined");
        Require(HistoryCount is >= 1 and <= HistoryCountLimit, nameof(HistoryCount), HistoryCount, $"1 to {HistoryCountLimit}");
        Require(HistoryDuration >= TimeSpan.Zero && HistoryDuration <= HistoryDurationLimit, nameof(HistoryDuration), HistoryDuration, $"0 to {HistoryDurationLimit}");
        Require(MessagesPerSecondMax >= 1, nameof(MessagesPerSecondMax), MessagesPerSecondMax, "1 or more");
    }

    private static void Require(bool condition, string name, object value, string range)
    {
        if (!condition)
        {
            throw new ScribeException($"{nameof(GroupPolicy)}.{name} is {value}; it must be {range}.");
        }
    }
}
