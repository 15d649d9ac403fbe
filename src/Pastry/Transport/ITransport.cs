using System.Collections.Immutable;
using System.IO.Pipelines;

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
    /// <exception cref="PastryException">The transport has not been started, the node is here already, or no more fit.</exception>
    LocalNode AddNode(NodeIdentity node);

    /// <summary>Stops speaking for a node.</summary>
    void RemoveNode(LocalNode node);

    /// <summary>Hands over a message. It is copied before this returns; it may be lost later, as on any network.</summary>
    /// <param name="from">The local node that speaks.</param>
    /// <param name="to">The node it is for.</param>
    /// <param name="message">The whole message, at most <see cref="MessageBatch.MaxMessageLength"/> bytes.</param>
    SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message);

    /// <summary>Finds out which node lives at an address by contacting it.</summary>
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
    /// <returns>The stream; disposing it ends it, at once if something is unread or unsent.</returns>
    /// <exception cref="TransportException">The node can't be reached, is not the one it should be, or takes no more streams.</exception>
    ValueTask<TransportStream> OpenStreamAsync(LocalNode from, NodeHandle to, ApplicationId application, CancellationToken cancellationToken = default);
}

/// <summary>Takes what arrives at a transport. Implementations return quickly; what they wait for holds back the peer that sent it.</summary>
public interface ITransportHandler
{
    /// <summary>Takes messages for one local node and becomes their owner, who returns the batch when it is done with it.</summary>
    /// <param name="node">The local node they are for.</param>
    /// <param name="batch">The messages, in the order in which one peer sent them.</param>
    /// <param name="cancellationToken">Is set when the transport is closing.</param>
    ValueTask ReceiveAsync(LocalNode node, MessageBatch batch, CancellationToken cancellationToken);

    /// <summary>Takes a stream that a proven peer opened, and becomes its owner.</summary>
    /// <param name="node">The local node it is for.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="application">The application it is for.</param>
    void AcceptStream(LocalNode node, TransportStream stream, ApplicationId application);

    /// <summary>Learns that messages to a peer are being lost: its connection broke or could not be made.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="reason">Why.</param>
    void PeerDown(NodeHandle peer, PeerDownReason reason);
}

/// <summary>Tells what became of a message that was handed to a transport.</summary>
public enum SendStatus
{
    /// <summary>The message is on its way; nothing promises that it arrives.</summary>
    Accepted,

    /// <summary>The peer's queue is full; the message was dropped.</summary>
    Dropped,

    /// <summary>The transport is closing, or the peer can't be reached and is not tried again yet.</summary>
    Unreachable,
}

/// <summary>Tells why a transport lost a peer.</summary>
public enum PeerDownReason
{
    /// <summary>A connection broke without a farewell.</summary>
    ConnectionLost,

    /// <summary>The peer's machine answered that nobody listens there.</summary>
    Refused,

    /// <summary>Nobody answered in time, or the name could not be resolved.</summary>
    Unreachable,

    /// <summary>Who answered could not prove to be this node.</summary>
    IdentityMismatch,

    /// <summary>Who answered speaks no common version, or belongs to another ring.</summary>
    Incompatible,
}

/// <summary>Says who a node is that is about to live on a host.</summary>
/// <param name="Key">The node's key; its id is derived from it.</param>
/// <param name="Incarnation">Which of its lives this is: higher than in any earlier one.</param>
public sealed record NodeIdentity(Identity.SigningKey Key, ulong Incarnation);

/// <summary>Is a node as its own host's transport knows it.</summary>
/// <param name="Index">The number of the node at this host, from 0.</param>
/// <param name="Handle">What others know the node by.</param>
public sealed record LocalNode(int Index, NodeHandle Handle);

/// <summary>Is a reliable stream between two nodes, whose far end has been proven.</summary>
/// <param name="peer">The node at the other end.</param>
/// <param name="pipe">Its two directions.</param>
/// <param name="close">Ends the stream.</param>
public sealed class TransportStream(NodeHandle peer, IDuplexPipe pipe, Func<ValueTask> close) : IAsyncDisposable
{
    private Func<ValueTask>? _close = close;

    /// <summary>The node at the other end.</summary>
    public NodeHandle Peer { get; } = peer;

    /// <summary>What the other end sends.</summary>
    public PipeReader Input { get; } = pipe.Input;

    /// <summary>What the other end receives; completing it lets the other end read to a clean end.</summary>
    public PipeWriter Output { get; } = pipe.Output;

    /// <summary>Ends the stream.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _close, null)?.Invoke() ?? ValueTask.CompletedTask;
}

/// <summary>Reports that a peer could not be reached or talked to.</summary>
public sealed class TransportException : PastryException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">What kind of failure it is.</param>
    /// <param name="message">What happened, to what, and what to do about it.</param>
    /// <param name="innerException">The cause, if another exception is.</param>
    public TransportException(PeerDownReason reason, string message, Exception? innerException = null)
        : base(message, innerException!) => Reason = reason;

    /// <summary>What kind of failure it is.</summary>
    public PeerDownReason Reason { get; }
}
