using System.Collections.Immutable;

namespace P2P.Pastry.Transport;

/// <summary>
/// Carries what nodes say to each other: best-effort messages on one plane, reliable streams for bulk on the other. One transport serves
/// one host, which may be home to several nodes; it proves who they are and knows who speaks.
/// </summary>
/// <remarks>
/// All members are safe for concurrent use. A transport bounds what it keeps per peer and in all, and says in its options what happens at
/// the bounds. It calls its <see cref="ITransportHandler"/> only between <see cref="StartAsync"/> and the end of disposal.
/// </remarks>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Where others reach this host, best first; known once started.</summary>
    ImmutableArray<NodeAddress> Addresses { get; }

    /// <summary>Binds the listener; when this returns, connections are accepted.</summary>
    /// <param name="handler">Takes what arrives.</param>
    /// <param name="cancellationToken">Gives up binding.</param>
    /// <exception cref="PastryException">The address can't be bound, for example because its port is in use.</exception>
    ValueTask StartAsync(ITransportHandler handler, CancellationToken cancellationToken = default);

    /// <summary>Makes a node known to others as living here, and proves it to them from now on.</summary>
    /// <param name="node">Who the node is.</param>
    /// <returns>What others will know the node by, and the number by which this transport knows it.</returns>
    /// <exception cref="PastryException">The transport has not been started, the node is here already, no more fit, or the ring does not admit it.</exception>
    LocalNode AddNode(NodeIdentity node);

    /// <summary>Stops speaking for a node.</summary>
    void RemoveNode(LocalNode node);

    /// <summary>
    /// Tells others that a node is about to stop, so that they open no more streams to it, and waits until those that they have opened are over. From then on
    /// it refuses those of whoever has not been told. Messages come and go as before, and there is no
    /// way back. A transport that can't tell others, which is the default, returns at once.
    /// </summary>
    /// <param name="node">The local node.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    ValueTask DrainAsync(LocalNode node, CancellationToken cancellationToken = default) => ValueTask.CompletedTask;

    /// <summary>
    /// Says whom a node needs. A transport that must close connections closes those with others first; what the node said before is forgotten. It returns at
    /// once, and binds nobody: a transport that closes nothing ignores it.
    /// </summary>
    /// <param name="node">The local node.</param>
    /// <param name="neighbors">Its neighbours on the ring, whom it needs most.</param>
    /// <param name="others">Others whom it routes over.</param>
    void Favor(LocalNode node, IReadOnlyCollection<NodeHandle> neighbors, IReadOnlyCollection<NodeHandle> others)
    {
    }

    /// <summary>Hands over a message. It is copied before this returns; it may be lost later, as on any network.</summary>
    /// <param name="from">The local node that speaks.</param>
    /// <param name="to">The node it is for.</param>
    /// <param name="message">The whole message, at most <see cref="MessageBatch.MessageLengthMax"/> bytes.</param>
    /// <param name="priority">Whether it is dropped last where not everything fits.</param>
    SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority = MessagePriority.Normal);

    /// <summary>Finds out which node lives at an address by contacting it. At an address of this host itself, that is another node that lives here, where there is one.</summary>
    /// <param name="from">The local node that asks.</param>
    /// <param name="address">The address of a listener, such as a bootstrap's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="TransportException">Nobody answers there, or what answers is no host of this ring.</exception>
    ValueTask<NodeHandle> ResolveAsync(LocalNode from, NodeAddress address, CancellationToken cancellationToken = default);

    /// <summary>Opens a reliable, flow-controlled stream to a node; it is apart from messages and never delays them.</summary>
    /// <param name="from">The local node that opens.</param>
    /// <param name="to">The node to reach; the transport makes sure that it is really this one.</param>
    /// <param name="application">The application that accepts the stream over there.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The stream; the caller disposes it.</returns>
    /// <exception cref="TransportException">The node can't be reached, is not the one it should be, or takes no more streams.</exception>
    ValueTask<TransportStream> OpenStreamAsync(LocalNode from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken = default);

    /// <summary>
    /// Closes everything at once, as if the process had died: peers are not told, and see broken connections. Disposing without it says
    /// farewell first.
    /// </summary>
    void Abort();
}
