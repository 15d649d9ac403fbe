namespace P2P.Scribe;

/// <summary>Says what became of a message.</summary>
public abstract record PublishResult
{
    private PublishResult()
    {
    }

    /// <summary>The message is ordered, and has its place: every member that lives will get it.</summary>
    /// <param name="Position">The place, where it is known: not that of a message that had to be sent twice.</param>
    public sealed record Published(GroupPosition? Position) : PublishResult;

    /// <summary>The message is not ordered, and is on its way.</summary>
    public sealed record Sent : PublishResult;

    /// <summary>
    /// The author may not publish in this group, or not any more; or it has begun to publish from elsewhere since: an author's key speaks from one node at a time.
    /// </summary>
    public sealed record Denied : PublishResult;

    /// <summary>The author has published more than the group allows (<see cref="GroupPolicy.MessagesPerSecondMax"/>).</summary>
    public sealed record TooMany : PublishResult;

    /// <summary>There is no such group.</summary>
    public sealed record NotFound : PublishResult;

    /// <summary>Nobody has answered in time; members may get the message or not.</summary>
    public sealed record Indeterminate : PublishResult;
}
