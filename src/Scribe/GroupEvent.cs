using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Is what a member learns of its group.</summary>
public abstract record GroupEvent
{
    private GroupEvent()
    {
    }

    /// <summary>A message has arrived.</summary>
    /// <param name="Message">The message.</param>
    public sealed record Received(GroupMessage Message) : GroupEvent;

    /// <summary>Ordered messages are lost to this member: nobody above has them any more.</summary>
    /// <param name="First">The number of the first lost batch (<see cref="GroupPosition.Number"/>).</param>
    /// <param name="Last">The number of the last lost batch.</param>
    public sealed record Gap(ulong First, ulong Last) : GroupEvent
    {
        /// <summary>Whose batches are lost, where messages crawl and each author has an order of its own; null where all have one.</summary>
        public NodeId? Author { get; init; }
    }

    /// <summary>Somebody is in the group; only where <see cref="GroupPolicy.ShowsMembers"/> is set. Who joins learns of the others within seconds, this node's members among them.</summary>
    /// <param name="Member">The id that a node with the member's key has.</param>
    public sealed record Joined(NodeId Member) : GroupEvent;

    /// <summary>Somebody is in the group no more: it has left, or nothing was heard of it for 3.5 times <see cref="ScribeOptions.PresenceInterval"/>.</summary>
    /// <param name="Member">The id that a node with the member's key has.</param>
    public sealed record Left(NodeId Member) : GroupEvent;

    /// <summary>Any one member is asked, and this is the one; only where <see cref="JoinOptions.TakesAnycasts"/> is set.</summary>
    /// <param name="Request">The request, which waits to be accepted or declined.</param>
    public sealed record Anycast(AnycastRequest Request) : GroupEvent;

    /// <summary>
    /// Sequenced or best-effort messages were dropped on their way, since this node or one above it took less than there was. Of values that changed meanwhile the
    /// latest arrives all the same, and does not count.
    /// </summary>
    /// <param name="Count">How many.</param>
    public sealed record Dropped(long Count) : GroupEvent;

    /// <summary>Events are lost since they were read too slowly.</summary>
    /// <param name="Count">How many.</param>
    public sealed record Overrun(long Count) : GroupEvent;

    /// <summary>The membership has ended though nobody has left it: the last event. Join again where that makes sense.</summary>
    /// <param name="Cause">Why.</param>
    public sealed record Ended(MembershipEnd Cause) : GroupEvent;
}
