using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Is a membership in a group. Disposing of it leaves the group.</summary>
public interface IGroup : IAsyncDisposable
{
    /// <summary>The group.</summary>
    GroupId Id { get; }

    /// <summary>What the group's creator has signed about it.</summary>
    GroupCertificate Certificate { get; }

    /// <summary>
    /// Publishes a message. An ordered one is awaited until it is safe: it has its place, and the nodes next to the rendezvous point have it (where messages
    /// crawl, it is on its way); another one until it is on its way, which it is when most of the neighbours can take it. Calls that do not wait for each other
    /// are put together, and signed together; of those beyond <see cref="JoinOptions.PublicationsMax"/> each waits until there is room.
    /// </summary>
    /// <param name="content">What to say, at most <see cref="ScribeNode.ContentLengthMax"/> bytes; it must not change until this completes.</param>
    /// <param name="deliveryClass">What it is worth.</param>
    /// <param name="key">Which of the author's values it is, where it is sequenced: a newer one takes its place.</param>
    /// <param name="cancellationToken">Takes the message back if it has not been signed yet; else only gives up waiting, and it may arrive all the same.</param>
    /// <exception cref="ArgumentException">The content is too long.</exception>
    /// <exception cref="ScribeException">The membership has ended.</exception>
    ValueTask<PublishResult> PublishAsync(
        ReadOnlyMemory<byte> content, DeliveryClass deliveryClass = DeliveryClass.Ordered, ulong key = 0, CancellationToken cancellationToken = default);

    /// <summary>
    /// Who is in the group, as far as this member has heard, in the order of their ids; empty where <see cref="GroupPolicy.ShowsMembers"/> is not set. A member is named
    /// by the id that a node with its key has.
    /// </summary>
    IReadOnlyList<NodeId> Members { get; }

    /// <summary>
    /// Gives what happens in the group, from the join on; for one reader. It ends when the membership does: by disposal, with the node, or by <see cref="GroupEvent.Ended"/>.
    /// </summary>
    IAsyncEnumerable<GroupEvent> EventsAsync(CancellationToken cancellationToken = default);
}
