using System.Collections.Immutable;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Transport;

/// <summary>
/// Carries messages and streams over TCP with TLS 1.3. Hosts prove their key in TLS, and each node proves with its own key that it lives on
/// that host; who can't prove a node id can't speak for it.
/// </summary>
/// <remarks>
/// There is one connection for messages between each pair of hosts, and one for each stream, all to the same listener. Messages of one
/// node to another arrive in order, except around the moment when a connection takes another's place. What is hostile is turned away
/// and counted: see the metrics p2p.pastry.transport.* of the meter "P2P.Pastry".
/// </remarks>
public sealed class TcpTransport : ITransport, IProximityMetric
{
    private readonly TcpTransportOptions _options;
    private readonly SemaphoreSlim _lifecycle = new(1);
    private volatile TcpHost? _host;
    private volatile bool _disposed;

    /// <summary>Creates a transport that is not started.</summary>
    /// <param name="options">Its options; later changes to them have no effect.</param>
    /// <exception cref="PastryException">An option is out of its range.</exception>
    public TcpTransport(TcpTransportOptions? options = null) => _options = (options ?? new TcpTransportOptions()).Validated();

    /// <summary>The lowest version that this release speaks of what hosts say to each other. Hosts agree on the highest one that both know.</summary>
    public static int LowestVersion => VersionRange.Supported.Min;

    /// <summary>The highest version that this release speaks of what hosts say to each other.</summary>
    public static int HighestVersion => VersionRange.Supported.Max;

    /// <inheritdoc/>
    public ImmutableArray<NodeAddress> Addresses => _host?.Addresses ?? [];

    internal TcpHost Host => _host ?? throw new PastryException("The transport has not been started: call StartAsync first.");

    /// <inheritdoc/>
    public async ValueTask StartAsync(ITransportHandler handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        await _lifecycle.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_host is not null)
            {
                throw new PastryException("The transport has been started already.");
            }

            var listener = await Listener.BindAsync(_options.Listen, cancellationToken).ConfigureAwait(false);
            _host = new TcpHost(_options, listener, handler);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    /// <inheritdoc/>
    public LocalNode AddNode(NodeIdentity node)
    {
        ArgumentNullException.ThrowIfNull(node);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Host.AddNode(node);
    }

    /// <inheritdoc/>
    public void RemoveNode(LocalNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        _host?.RemoveNode(node);
    }

    /// <inheritdoc/>
    public async ValueTask DrainAsync(LocalNode node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        ObjectDisposedException.ThrowIf(_disposed, this);
        await Host.DrainAsync(node, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Favor(LocalNode node, IReadOnlyCollection<NodeHandle> neighbors, IReadOnlyCollection<NodeHandle> others)
    {
        ArgumentNullException.ThrowIfNull(node);
        ArgumentNullException.ThrowIfNull(neighbors);
        ArgumentNullException.ThrowIfNull(others);
        _host?.Favor(node, neighbors, others);
    }

    /// <inheritdoc/>
    public SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority = MessagePriority.Normal)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        MessageBatch.ThrowIfTooLong(message);
        return _disposed ? SendStatus.Unreachable : Host.Send(from, to, message, priority);
    }

    /// <inheritdoc/>
    public async ValueTask<NodeHandle> ResolveAsync(LocalNode from, NodeAddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return await Host.ResolveAsync(from, address, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<TransportStream> OpenStreamAsync(
        LocalNode from,
        NodeHandle to,
        PastryApplicationId application,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return await Host.OpenStreamAsync(from, to, application, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Measures the round trip of a datagram to the UDP port beside the other host's listener, without a handshake; null where none comes back
    /// within 1.5 s, as behind a firewall that lets only TCP pass.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<TimeSpan?> MeasureAsync(NodeHandle node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        return _disposed ? null : await Host.MeasureAsync(node, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Abort() => _host?.Abort();

    /// <summary>Says farewell to all peers, closes everything and waits until it is closed; at most about two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_disposed)
            {
                _disposed = true;
                if (_host is { } host)
                {
                    await host.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _lifecycle.Release();
        }
    }
}
