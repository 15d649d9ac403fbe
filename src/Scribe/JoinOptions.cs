using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Says how to be a member.</summary>
public sealed record JoinOptions
{
    /// <summary>Who signs what this member publishes; default the node's own key.</summary>
    public ISigner? Author { get; init; }

    /// <summary>
    /// What allows it to join and to publish, where that needs an invitation. Who joins again before it expires, at the same node and in the same name, renews it for
    /// all of its memberships in the group.
    /// </summary>
    public GroupCapability? Capability { get; init; }

    /// <summary>
    /// Of what was published before, so many batches of ordered messages are wanted, as far as they are kept (<see cref="GroupPolicy.HistoryCount"/>); default 0.
    /// </summary>
    public int HistoryCount { get; init; }

    /// <summary>
    /// How old ordered messages may be that were published before and are wanted, as far as they are kept; 0 to <see cref="GroupPolicy.HistoryDurationLimit"/>,
    /// default 0. Ages are known to a tenth. With <see cref="HistoryCount"/>, what either wants comes.
    /// </summary>
    public TimeSpan HistoryDuration { get; init; }

    /// <summary>
    /// How many events may wait to be read; 1 or more, default 4,096. Beyond it the newest are lost to this member, which is told so; nobody else waits.
    /// </summary>
    public int EventsMax { get; init; } = 4096;

    /// <summary>Whether this member may be the one that an anycast reaches (<see cref="GroupEvent.Anycast"/>); default false.</summary>
    public bool TakesAnycasts { get; init; }

    /// <summary>
    /// How many messages of this author may wait to be signed, sent or acknowledged, 1 to 65,536; default 1,024. Beyond it,
    /// <see cref="IGroup.PublishAsync"/> waits: an author is no faster than its group. Several memberships of one author in one group publish in one order, and the
    /// first one's bound is that of all.
    /// </summary>
    public int PublicationsMax { get; init; } = 1024;

    /// <exception cref="ScribeException">A value is outside its range.</exception>
    internal void Validate()
    {
        if (PublicationsMax is < 1 or > 65_536)
        {
            throw new ScribeException($"{nameof(JoinOptions)}.{nameof(PublicationsMax)} is {PublicationsMax}; it must be 1 to 65536.");
        }

        if (HistoryCount is < 0 or > GroupPolicy.HistoryCountLimit)
        {
            throw new ScribeException($"{nameof(JoinOptions)}.{nameof(HistoryCount)} is {HistoryCount}; it must be 0 to {GroupPolicy.HistoryCountLimit}.");
        }

        if (HistoryDuration < TimeSpan.Zero || HistoryDuration > GroupPolicy.HistoryDurationLimit)
        {
            throw new ScribeException($"{nameof(JoinOptions)}.{nameof(HistoryDuration)} is {HistoryDuration}; it must be 0 to {GroupPolicy.HistoryDurationLimit}.");
        }

        if (EventsMax < 1)
        {
            throw new ScribeException($"{nameof(JoinOptions)}.{nameof(EventsMax)} is {EventsMax}; it must be 1 or more.");
        }
    }
}
