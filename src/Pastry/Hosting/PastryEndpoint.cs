using System.Threading.Channels;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>
/// Is an application of one's own that would rather await than be called: it routes and sends, and reads what arrives from a bounded queue. It runs on
/// live and on simulated nodes.
/// </summary>
/// <example>
/// <code>
/// var endpoint = new PastryEndpoint("example.org/greetings");
/// await using var node = await PastryNode.StartAsync(new PastryNodeOptions { Modules = { endpoint } });
/// await node.WhenReadyAsync();
/// await endpoint.RouteAsync(NodeId.FromText("somebody"), "hello"u8.ToArray());
/// await foreach (var delivery in endpoint.DeliveriesAsync()) { … }
/// </code>
/// </example>
public sealed class PastryEndpoint : IPastryModule
{
    private readonly int _capacity;
    private readonly int _streamCapacity;
    private readonly Machine _machine;
    private Attached? _attached;
    private long _droppedCount;
    private long _refusedStreamCount;

    /// <summary>Makes an endpoint; put it into <see cref="PastryNodeOptions.Modules"/>.</summary>
    /// <param name="name">A name that all nodes of the application agree on.</param>
    /// <param name="capacity">How many deliveries may wait to be read, 1 or more; default 1,024, of up to 64 KiB each. Beyond it the newest is dropped and counted.</param>
    /// <param name="streamCapacity">How many streams may wait to be taken, 1 or more; default 16. Beyond it the newest is closed and counted.</param>
    public PastryEndpoint(string name, int capacity = 1024, int streamCapacity = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(streamCapacity, 1);
        _capacity = capacity;
        _streamCapacity = streamCapacity;
        _machine = new Machine(PastryApplicationId.FromName(name), this);
    }

    /// <summary>Sees a message on its way.</summary>
    /// <param name="message">The message; set its properties to change it. Its payload is valid during the call.</param>
    /// <returns>False to stop the message here.</returns>
    public delegate bool ForwardHandler(ref ForwardedMessage message);

    /// <inheritdoc/>
    public PastryApplication Application => _machine;

    /// <summary>Sees each message of this application that passes the node, on the node's loop: it returns quickly. Set it before the node starts.</summary>
    public ForwardHandler? Forward { get; init; }

    /// <summary>How many deliveries were dropped because nobody read them in time.</summary>
    public long DroppedCount => Interlocked.Read(ref _droppedCount);

    /// <summary>How many streams of others were closed because nobody took the earlier ones in time, or nobody reads any more.</summary>
    public long RefusedStreamCount => Interlocked.Read(ref _refusedStreamCount);

    /// <summary>Who the node is that the endpoint belongs to.</summary>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet, or that has not been started.</exception>
    public NodeHandle Self => Port.Handle;

    /// <summary>Tells whether the node takes part in the ring and may deliver.</summary>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public bool IsReady => Port.IsReady;

    private INodePort Port => OnNode.Port;

    private Attached OnNode =>
        _attached ?? throw new InvalidOperationException("The endpoint belongs to no node yet: put it into PastryNodeOptions.Modules and start the node.");

    /// <summary>Waits until the node takes part in the ring. A node that can't join goes on trying; give up with the token.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="PastryException">The node has stopped or failed, or the ring is set to other parameters than the node.</exception>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public ValueTask WhenReadyAsync(CancellationToken cancellationToken = default) => Port.WhenReadyAsync(cancellationToken);

    /// <summary>Lists the live nodes numerically closest to a key that this node knows of, closest first, itself among them.</summary>
    /// <param name="key">The key.</param>
    /// <param name="max">How many at most; fewer come where the leaf set does not reach that far.</param>
    /// <param name="cancellationToken">Gives up waiting for an answer.</param>
    /// <exception cref="PastryException">The node has stopped.</exception>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) =>
        Port.ReplicaSetAsync(key, max, cancellationToken);

    /// <summary>
    /// Routes a message to the live node numerically closest to the key. Completes when the message has a place in the node's inbox: it may
    /// still be lost on its way, or arrive twice. Who must know uses <see cref="RouteConfirmedAsync"/>; who needs an answer asks for one, with
    /// <see cref="RouteOptions.WithOrigin"/>.
    /// </summary>
    /// <param name="key">Where to.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes; copied before this returns.</param>
    /// <param name="options">How it is to be routed: whether it names this node as its origin, so that it can be answered, and more.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    /// <exception cref="PastryException">The node has stopped.</exception>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public ValueTask RouteAsync(
        NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default) =>
        Port.RouteAsync(key, payload, options, cancellationToken);

    /// <summary>
    /// Routes a message to the live node numerically closest to the key, again and again while no node confirms that its endpoint has taken it. That node
    /// delivers it once, unless it dies in between and another takes its place.
    /// </summary>
    /// <param name="key">Where to.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes; copied before this returns.</param>
    /// <param name="options">How it is to be routed; it names this node as its origin in any case.</param>
    /// <param name="cancellationToken">Gives up waiting; the message goes on.</param>
    /// <returns>Who has taken the message, or that nobody has said so in time, or that it was never sent, since too many await that already.</returns>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    /// <exception cref="PastryException">The node has stopped; the message may have arrived all the same.</exception>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public async ValueTask<RouteOutcome> RouteConfirmedAsync(
        NodeId key, ReadOnlyMemory<byte> payload, RouteOptions options = RouteOptions.None, CancellationToken cancellationToken = default)
    {
        var port = Port;
        var route = new ConfirmedRoute(key, NodePort.CopyOf(payload), options);
        await port.PostAsync(route, cancellationToken).ConfigureAwait(false);
        using var stopping = port.Stopping.UnsafeRegister(_ => route.EndIn(port, outcome => outcome.TrySetException(new PastryException("The node has stopped before the message was confirmed."))), null);
        using var givingUp = cancellationToken.UnsafeRegister((_, token) => route.EndIn(port, outcome => outcome.TrySetCanceled(token)), null);
        return await route.Outcome.Task.ConfigureAwait(false);
    }

    /// <summary>Sends a message to one node, in one hop; it may be lost. Completes when the message has a place in the node's inbox.</summary>
    /// <param name="to">The node.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes; copied before this returns.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    /// <exception cref="PastryException">The node has stopped.</exception>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public ValueTask SendAsync(NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        Port.SendAsync(to, payload, cancellationToken);

    /// <summary>Opens a stream to the same application on another node.</summary>
    /// <exception cref="TransportException">The node can't be reached, or does not take the stream.</exception>
    /// <exception cref="PastryException">The own node has stopped.</exception>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public ValueTask<TransportStream> OpenStreamAsync(NodeHandle to, CancellationToken cancellationToken = default) =>
        Port.OpenStreamAsync(to, cancellationToken);

    /// <summary>Reads what arrives, each delivery once, until the node stops. What waits then can still be read.</summary>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public IAsyncEnumerable<Delivery> DeliveriesAsync(CancellationToken cancellationToken = default) =>
        OnNode.Deliveries.Reader.ReadAllAsync(cancellationToken);

    /// <summary>Reads the streams that others open, until the node stops; who reads one disposes of it.</summary>
    /// <exception cref="InvalidOperationException">The endpoint belongs to no node yet.</exception>
    public IAsyncEnumerable<TransportStream> StreamsAsync(CancellationToken cancellationToken = default) =>
        OnNode.Streams.Reader.ReadAllAsync(cancellationToken);

    void IPastryModule.Attach(INodePort port) => _attached = new Attached(
        port,
        port.CreateChannel<Delivery>(new BoundedChannelOptions(_capacity)),
        port.CreateChannel<TransportStream>(new BoundedChannelOptions(_streamCapacity)));

    void IPastryModule.AcceptStream(TransportStream stream)
    {
        if (!OnNode.Streams.Writer.TryWrite(stream))
        {
            Interlocked.Increment(ref _refusedStreamCount);
            OnNode.Port.Start(() => stream.DisposeAsync().AsTask());
        }
    }

    /// <summary>Ends the sequences of deliveries and streams.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_attached is not { } attached)
        {
            return;
        }

        attached.Deliveries.Writer.TryComplete();
        attached.Streams.Writer.TryComplete();
        while (attached.Streams.Reader.TryRead(out var stream))
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
    }

    private bool TryEnqueue(in Delivery delivery)
    {
        var hasRoom = OnNode.Deliveries.Writer.TryWrite(delivery);
        if (!hasRoom)
        {
            Interlocked.Increment(ref _droppedCount);
        }

        return hasRoom;
    }

    private sealed class ConfirmedRoute(NodeId key, Payload payload, RouteOptions options)
    {
        public NodeId Key => key;

        public Payload Payload => payload;

        public RouteOptions Options => options;

        /// <summary>What became of the message; its user goes on where it is completed.</summary>
        public TaskCompletionSource<RouteOutcome> Outcome { get; } = new();

        /// <summary>Ends the waiting in work of the port's: what its user does then must not keep those who stop the node, or give up.</summary>
        public void EndIn(INodePort port, Func<TaskCompletionSource<RouteOutcome>, bool> end) => port.Start(() => Task.FromResult(end(Outcome)));
    }

    private sealed record Attached(INodePort Port, Channel<Delivery> Deliveries, Channel<TransportStream> Streams);

    private sealed class Machine(PastryApplicationId id, PastryEndpoint endpoint) : PastryApplication(id)
    {
        private readonly Dictionary<ConfirmationId, ConfirmedRoute> _unconfirmed = [];

        protected internal override void Handle(object input, IOverlay overlay)
        {
            if (input is ConfirmedRoute route)
            {
                _unconfirmed.Add(overlay.RouteConfirmed(route.Key, route.Payload, firstHop: null, route.Options), route);
            }
        }

        protected internal override void Confirmed(ConfirmationId message, RouteOutcome outcome, IOverlay overlay)
        {
            if (_unconfirmed.Remove(message, out var route))
            {
                route.EndIn(endpoint.Port, ended => ended.TrySetResult(outcome));
            }
        }

        protected internal override bool Forward(ref ForwardedMessage message, IOverlay overlay) => endpoint.Forward?.Invoke(ref message) ?? true;

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            var delivery = new Delivery
            {
                Kind = DeliveryKind.Routed,
                Key = message.Key,
                Origin = message.Origin,
                TraceContext = message.TraceContext,
                Hops = message.Hops,
                Payload = message.Payload.ToArray(),
            };
            if (!endpoint.TryEnqueue(delivery))
            {
                // Who wants to know sends it again; perhaps there is room then.
                overlay.Decline();
            }
        }

        protected internal override void Receive(NodeHandle from, in Payload payload, IOverlay overlay) =>
            endpoint.TryEnqueue(new Delivery
            {
                Kind = DeliveryKind.Direct,
                Key = overlay.Self.Id,
                From = from,
                Hops = 1,
                Payload = payload.ToArray(),
            });
    }
}
