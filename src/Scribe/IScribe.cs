using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Is group multicast on the ring: whoever is in it can begin groups, join them, and publish in them (SCRIBE §3).</summary>
public interface IScribe
{
    /// <summary>
    /// Gives this node's own key, in whose name its users join and publish unless <see cref="JoinOptions.Author"/> says otherwise: who is to be invited gives it to whoever invites
    /// (<see cref="GroupCapability.IssueAsync"/>).
    /// </summary>
    /// <exception cref="InvalidOperationException">The node has not been started.</exception>
    /// <exception cref="PastryException">The node has stopped.</exception>
    PublicKey PublicKey { get; }

    /// <summary>Begins a group. Where there is one of this name and creator already, it stays as it is, its policy too: that is <see cref="CreateResult.Exists"/>.</summary>
    /// <param name="name">The group's textual name, at most <see cref="GroupCertificate.NameLengthMax"/> bytes of UTF-8.</param>
    /// <param name="creator">The key that the group's id depends on, and that can invite.</param>
    /// <param name="policy">How the group works; default <see cref="GroupPolicy"/>'s defaults.</param>
    /// <param name="cancellationToken">Gives up waiting; the group may begin all the same.</param>
    /// <exception cref="ArgumentException">The name is too long, or no valid UTF-16.</exception>
    /// <exception cref="ScribeException">A value of the policy is outside its range, or the node has stopped.</exception>
    /// <exception cref="PastryException">What the creator gave is no signature by its key.</exception>
    ValueTask<CreateResult> CreateAsync(string name, ISigner creator, GroupPolicy? policy = null, CancellationToken cancellationToken = default);

    /// <summary>Joins a group. When this completes, what is published from then on reaches the member.</summary>
    /// <param name="group">The group.</param>
    /// <param name="options">How to be a member.</param>
    /// <param name="cancellationToken">Gives up, and leaves where it has joined meanwhile.</param>
    /// <exception cref="ScribeException">An option is outside its range, or the node has stopped.</exception>
    ValueTask<JoinResult> JoinAsync(GroupId group, JoinOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Asks any one member of a group (<see cref="JoinOptions.TakesAnycasts"/>): members near the sender first, one after the other until one accepts, 128 nodes at most. To
    /// find who has room, a copy, or time. Who asks need not be a member.
    /// </summary>
    /// <param name="group">The group.</param>
    /// <param name="content">What to ask, at most <see cref="ScribeNode.AnycastContentLengthMax"/> bytes; copied before this returns.</param>
    /// <param name="options">In whose name; default this node's.</param>
    /// <param name="cancellationToken">Gives up waiting; some member may accept all the same.</param>
    /// <exception cref="ArgumentException">The content is too long.</exception>
    /// <exception cref="ScribeException">The node has stopped.</exception>
    /// <exception cref="PastryException">What the author gave is no signature by its key.</exception>
    ValueTask<AnycastResult> AnycastAsync(
        GroupId group, ReadOnlyMemory<byte> content, AnycastOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Shows what this node does for the ring's groups: its places in their trees.</summary>
    /// <exception cref="ScribeException">The node has stopped.</exception>
    ValueTask<ScribeSnapshot> GetSnapshotAsync(CancellationToken cancellationToken = default);
}
