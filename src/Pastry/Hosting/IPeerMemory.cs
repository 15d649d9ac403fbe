namespace P2P.Pastry;

/// <summary>
/// Remembers from one life of a node to the next whom it knew. What is remembered are hints: a node that is asked proves who it is, as any.
/// </summary>
/// <remarks>A node calls one method at a time. It goes on where a method fails, and logs why.</remarks>
public interface IPeerMemory
{
    /// <summary>The most peers that are worth keeping.</summary>
    const int PeersMax = 64;

    /// <summary>Gives the peers that were remembered last, those to try first in front; none where nothing was remembered.</summary>
    /// <exception cref="PastryException">What was remembered can't be read; the message says why.</exception>
    ValueTask<IReadOnlyList<NodeHandle>> RecallAsync(CancellationToken cancellationToken = default);

    /// <summary>Remembers these peers, and forgets those before.</summary>
    /// <param name="peers">The peers, those to try first in front; at most <see cref="PeersMax"/>.</param>
    /// <param name="cancellationToken">Gives up, and leaves what was remembered before.</param>
    /// <exception cref="PastryException">It can't be written; the message says why.</exception>
    ValueTask RememberAsync(IReadOnlyList<NodeHandle> peers, CancellationToken cancellationToken = default);
}
