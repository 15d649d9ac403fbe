using System.Collections.Immutable;
using System.Threading.Channels;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>
/// Is a node as one of its modules sees it: whatever the module says, posts or opens through it is its own application's, and nobody else's.
/// </summary>
/// <remarks>
/// The same module runs on live and on simulated nodes, if it keeps to three rules: it waits for nothing but what the port, the port's clock
/// and the module's own work complete; it starts work with <see cref="Start"/>, and completes what its users await within such work; and it
/// takes chance from <see cref="FillRandom"/> and channels from <see cref="CreateChannel"/>. Completion sources of such a module have no
/// <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/>, and its awaits <c>ConfigureAwait(false)</c>. Once the node has stopped, members
/// that need it throw a <see cref="PastryException"/>.
/// </remarks>
public interface INodePort
{
    /// <summary>Who the node is.</summary>
    NodeHandle Handle { get; }

    /// <summary>The clock that the node lives by.</summary>
    TimeProvider Time { get; }

    /// <summary>Tells whether the node takes part in the ring and may deliver.</summary>
    bool IsReady { get; }

    /// <summary>The members of the leaf set as of now.</summary>
    ImmutableArray<NodeHandle> Neighbors { get; }

    /// <summary>Is set when the node stops, before its modules are disposed of.</summary>
    CancellationToken Stopping { get; }

    /// <summary>Waits until the node takes part in the ring.</summary>
    /// <exception cref="PastryException">The node has stopped.</exception>
    ValueTask WhenReadyAsync(CancellationToken cancellationToken = default);

    /// <summary>Follows the changes of the leaf set, from now on. Who reads too slowly misses the oldest changes.</summary>
    IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists the live nodes numerically closest to a key that this node knows of, closest first.</summary>
    ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default);

    /// <summary>Hands an input to the module's application: a user's command, or the outcome of an effect.</summary>
    /// <param name="input">What its <see cref="PastryApplication.Handle"/> understands.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    ValueTask PostAsync(object input, CancellationToken cancellationToken = default);

    /// <summary>
    /// Routes a message of the module's application to the live node numerically closest to the key. Completes when the message has a place in
    /// the node's inbox: nothing is said about its arrival.
    /// </summary>
    /// <param name="key">Where to.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes; copied before this returns.</param>
    /// <param name="options">How it is to be routed.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    ValueTask RouteAsync(NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends a message of the module's application to one node, in one hop; it may be lost. Completes when the message has a place in the
    /// node's inbox.
    /// </summary>
    /// <param name="to">The node.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes; copied before this returns.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    ValueTask SendAsync(NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default);

    /// <summary>Opens a reliable stream to the same application on another node.</summary>
    /// <returns>The stream; the caller disposes of it.</returns>
    /// <exception cref="TransportException">The node can't be reached, or does not take the stream.</exception>
    ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken = default);

    /// <summary>Signs a statement in the node's name; its key stays where it is.</summary>
    /// <param name="purpose">What the statement is for: ASCII, fixed by the kind of statement. The overlay's own, "p2p.pastry.…", are refused.</param>
    /// <param name="body">What is claimed.</param>
    /// <exception cref="ArgumentException">The purpose is the overlay's own.</exception>
    SignedStatement Sign(string purpose, ReadOnlySpan<byte> body);

    /// <summary>Fills a span with random bytes: unpredictable ones on a live node, the seed's in a simulation.</summary>
    void FillRandom(Span<byte> bytes);

    /// <summary>
    /// Makes a channel from the module's handlers to its users. Whoever waits at its reading end never goes on within the write: on the thread pool of a
    /// live node, in an event of its own on a simulation's thread.
    /// </summary>
    /// <typeparam name="T">What goes through.</typeparam>
    /// <param name="options">Its bound, and what happens there. Whether continuations are synchronous is the port's to say.</param>
    Channel<T> CreateChannel<T>(BoundedChannelOptions options);

    /// <summary>
    /// Starts work in the background: on a pool thread of a live node, in an event of its own on a simulation's thread. Work lets no exception
    /// out; one that escapes is logged, and ends a simulation.
    /// </summary>
    void Start(Func<Task> work);
}
