using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is a transport that runs: it puts the parts together and ends them in order.</summary>
internal sealed class TcpHost : IAsyncDisposable
{
    /// <summary>How long farewells may take when the transport is disposed.</summary>
    private static readonly TimeSpan FarewellMax = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan SweepIntervalMax = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly HostContext _context;
    private readonly Listener _listener;
    private readonly TaskSet _tasks;
    private readonly RouteTable _routes;
    private readonly PeerNeeds _needs = new();
    private readonly ConnectionTable _connections;
    private readonly Dialer _dialer;
    private readonly StreamOpener _streams;
    private readonly StreamAcceptor _acceptor;
    private readonly Doorkeeper _door;
    private readonly UdpEcho _echo;
    private readonly LocalLink _local;
    private readonly ITimer _sweeping;

    public TcpHost(TcpTransportOptions options, Listener listener, ITransportHandler handler)
    {
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<TcpTransport>();
        var identity = new HostIdentity(options.HostKey);
        _listener = listener;
        Addresses = Advertisement.Of(options, listener.Bound);
        _tasks = new TaskSet(logger);
        _context = new HostContext(
            options,
            identity,
            new LocalNodes(identity.Id, options),
            new DelegationVerifier(options),
            new HandlerGuard(handler, logger, _closing.Token),
            new TransportMetrics(options.MeterFactory),
            logger,
            BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
            _aborting.Token);
        _dialer = new Dialer(_context);
        _routes = new RouteTable(_context, to => _tasks.Run(() => ConnectAsync(to)));
        _connections = new ConnectionTable(_context, _routes, _needs, _tasks);
        _streams = new StreamOpener(_context, _dialer, _routes, _tasks);
        _acceptor = new StreamAcceptor(_context, _tasks);
        _door = new Doorkeeper(_context, _connections, _acceptor, _tasks);
        _local = new LocalLink(options.PeerQueueBytes, FindNode, FindNode, _context.Handler.ReceiveAsync);
        _tasks.Run(_local.RunAsync);
        _tasks.Run(() => listener.RunAsync(_door.Receive, logger, _aborting.Token));
        _echo = new UdpEcho(options.Time);
        _echo.Bind(listener.Bound, logger);
        _tasks.Run(_echo.RunAsync);
        var interval = TimeSpan.FromTicks(Math.Min(options.IdleTimeout.Ticks / 4, SweepIntervalMax.Ticks));
        _sweeping = options.Time.CreateTimer(_ => Sweep(), null, interval, interval);
        logger.Listening(identity.Id, string.Join(", ", Addresses));
    }

    public ImmutableArray<NodeAddress> Addresses { get; }

    public LocalNode AddNode(NodeIdentity identity)
    {
        var node = _context.Nodes.Add(identity, Addresses);
        // Told to others before the caller can send for it.
        _connections.Announce();
        _routes.Attach(_local, (ushort)node.Index, node.Handle);
        return node;
    }

    public void RemoveNode(LocalNode node)
    {
        if (_context.Nodes.Remove(node))
        {
            _needs.Remove(node.Index);
            _routes.Detach(_local, node.Handle.Id);
            _connections.Announce();
        }
    }

    public async Task DrainAsync(LocalNode node, CancellationToken cancellationToken)
    {
        if (_context.Nodes.Leave(node))
        {
            _connections.Announce();
            await _acceptor.WhenNoneAsync(node, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Favor(LocalNode node, IReadOnlyCollection<NodeHandle> neighbors, IReadOnlyCollection<NodeHandle> others)
    {
        if (_context.Nodes.Contains(node))
        {
            _needs.Set(node.Index, neighbors, others);
        }
    }

    public SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority) =>
        _closing.IsCancellationRequested || !_context.Nodes.Contains(from)
            ? SendStatus.Unreachable
            : _routes.Send((ushort)from.Index, to, message, priority);

    public async Task<NodeHandle> ResolveAsync(LocalNode from, NodeAddress address, CancellationToken cancellationToken)
    {
        if (Addresses.Contains(address) && Array.Find(_context.Nodes.Entries, entry => entry is not null && entry.Node.Index != from.Index) is { } housemate)
        {
            return housemate.Node.Handle;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        var (channel, proof) = await _dialer.DialAsync(address, Plane.Control, GreetAsync, either.Token).ConfigureAwait(false);
        _connections.TryAdd(channel, proof);
        return proof.Nodes.Count > 0
            ? proof.Nodes.MinBy(node => node.Key).Value.Node
            : throw new TransportException(PeerDownReason.Unreachable, $"The host at {address} is home to no node yet. Try again when one has started there.");
    }

    public async Task<TransportStream> OpenStreamAsync(LocalNode from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        var source = _context.Nodes.At(from.Index) is { } entry && _context.Nodes.Contains(from)
            ? entry
            : throw new PastryException($"Node {from.Handle} does not live on this host (any more).");
        return _context.Nodes.Find(to.Id) is { } local
            ? OpenLocal(source.Node, local.Node, application)
            : await _streams.OpenAsync(source, to, application, either.Token).ConfigureAwait(false);
    }

    public Task<TimeSpan?> MeasureAsync(NodeHandle node, CancellationToken cancellationToken) => _echo.MeasureAsync(node, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _echo.Dispose();
        await _sweeping.DisposeAsync().ConfigureAwait(false);
        await _closing.CancelAsync().ConfigureAwait(false);
        _connections.Close();
        _connections.RetireAll();
        _local.Discard();
        // Real time, whatever clock the options have: nobody may be left to move that one.
        await Task.WhenAny(_connections.WhenEmptyAsync(), Task.Delay(FarewellMax)).ConfigureAwait(false);
        await _aborting.CancelAsync().ConfigureAwait(false);
        _connections.AbortAll();
        await _tasks.WhenEmptyAsync().ConfigureAwait(false);
        _streams.Dispose();
        _context.Metrics.Dispose();
        _context.Identity.Dispose();
        _closing.Dispose();
        _aborting.Dispose();
    }

    /// <summary>Closes everything at once, without a farewell.</summary>
    public void Abort()
    {
        _listener.Dispose();
        _echo.Dispose();
        _closing.Cancel();
        _connections.Close();
        _connections.AbortAll();
        _aborting.Cancel();
    }

    internal int Connections => _connections.Count;

    internal IReadOnlyList<int> Versions => _connections.Versions;

    internal bool IsReachable(NodeId id) => _routes.IsReachable(id);

    private LocalNode? FindNode(int index) => _context.Nodes.At(index)?.Node;

    private async Task<(SecureChannel Channel, HostProof Proof)> GreetAsync(SecureChannel channel, CancellationToken cancellationToken) =>
        (channel, await ControlHandshake.DialAsync(_context, channel, cancellationToken).ConfigureAwait(false));

    private async Task<(SecureChannel Channel, HostProof Proof)> GreetAsync(SecureChannel channel, NodeId expected, CancellationToken cancellationToken)
    {
        var (_, proof) = await GreetAsync(channel, cancellationToken).ConfigureAwait(false);
        return proof.Nodes.Values.Any(delegation => delegation.Node.Id == expected)
            ? (channel, proof)
            : throw new HandshakeException(Verdict.NotHere, $"It did not prove to be node {expected}.");
    }

    private async Task ConnectAsync(NodeHandle to)
    {
        try
        {
            var (channel, proof) = await _dialer.DialFirstAsync(to.Addresses, Plane.Control, (channel, token) => GreetAsync(channel, to.Id, token), _closing.Token)
                .ConfigureAwait(false);
            if (_connections.TryAdd(channel, proof))
            {
                _routes.EndDial(to);
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // The transport is closing.
        }
        catch (TransportException exception)
        {
            if (_routes.Fail(to))
            {
                Report(to, exception);
            }

            return;
        }

        _routes.Fail(to);
    }

    private void Report(NodeHandle to, TransportException exception)
    {
        if (exception.Reason == PeerDownReason.IdentityMismatch)
        {
            _context.Logger.IdentityMismatch(to, exception.Message);
            _context.Metrics.HandshakeRefused("identity");
        }

        if (exception.Reason == PeerDownReason.NotAdmitted)
        {
            _context.Logger.NotAdmitted(to, exception.Message);
        }

        // To the peer, a connection that breaks before it is proven is one that never was.
        var reason = exception.Reason == PeerDownReason.ConnectionLost ? PeerDownReason.Unreachable : exception.Reason;
        _context.Handler.PeerDown(to, reason);
    }

    private TransportStream OpenLocal(LocalNode from, LocalNode to, PastryApplicationId application)
    {
        var pair = new StreamPair(from.Handle, to.Handle);
        var aborting = _aborting.Token.UnsafeRegister(static pair => ((StreamPair)pair!).Cut(), pair);
        pair.Closed = _ => aborting.Unregister();
        if (!_context.Handler.AcceptStream(to, pair.Accepted, application))
        {
            pair.Cut();
        }

        return pair.Opened;
    }

    private void Sweep()
    {
        try
        {
            if (_context.Nodes.RenewIfDue())
            {
                _connections.Announce();
            }

            _connections.Sweep();
            _routes.Sweep();
            _door.Sweep();
            _streams.Sweep();
        }
        catch (Exception exception)
        {
            _context.Logger.TaskFailed(exception);
        }
    }
}
