using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry.Transport.Framing;
using P2P.Pastry.Transport.Memory;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Transport;

/// <summary>Is a host on an <see cref="InMemoryNetwork"/>, with the contract of every transport.</summary>
public sealed class InMemoryTransport : ITransport, IProximityMetric
{
    private const int QueueBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly InMemoryNetwork _network;
    private readonly ulong _failureDomain;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskSet _tasks = new(NullLogger.Instance);
    private readonly Dictionary<InMemoryTransport, LocalLink> _links = [];
    private readonly Dictionary<StreamPair, InMemoryTransport> _streams = [];
    private readonly DownReports _reports;
    private volatile LocalNode?[] _nodes = [];
    private HandlerGuard? _handler;
    private bool _closed;

    internal InMemoryTransport(InMemoryNetwork network, NodeAddress address, ulong failureDomain)
    {
        _network = network;
        Address = address;
        _failureDomain = failureDomain;
        _reports = new DownReports(_tasks, () => _closed ? null : _handler);
    }

    /// <inheritdoc/>
    public ImmutableArray<NodeAddress> Addresses => _handler is null ? [] : [Address];

    internal NodeAddress Address { get; }

    /// <summary>Says that all hosts that can be reached are equally near; null for others.</summary>
    /// <param name="node">The node.</param>
    /// <param name="cancellationToken">Has no effect: the answer is there.</param>
    public ValueTask<TimeSpan?> MeasureAsync(NodeHandle node, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(node);
        return new(_network.Find(this, node.Addresses.AsSpan()).Host is null ? null : TimeSpan.FromMilliseconds(1));
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(ITransportHandler handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_handler is not null)
            {
                throw new PastryException("The transport has been started already.");
            }

            _handler = new HandlerGuard(handler, NullLogger.Instance, _closing.Token);
        }

        _network.Add(this);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public LocalNode AddNode(NodeIdentity node)
    {
        ArgumentNullException.ThrowIfNull(node);
        var id = node.Key.PublicKey.NodeId;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_handler is null)
            {
                throw new PastryException("The transport has not been started: call StartAsync first.");
            }

            if (Find(id) is not null || _nodes.Length == FrameFormat.Host)
            {
                throw new PastryException($"Node {id} lives here already, or no more nodes fit.");
            }

            var added = new LocalNode(_nodes.Length, new NodeHandle(id, node.Incarnation, [Address], _failureDomain));
            _nodes = [.. _nodes, added];
            return added;
        }
    }

    /// <inheritdoc/>
    public void RemoveNode(LocalNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        lock (_gate)
        {
            _nodes = [.. _nodes.Select(living => living == node ? null : living)];
        }
    }

    /// <inheritdoc/>
    public SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority = MessagePriority.Normal)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        MessageBatch.ThrowIfTooLong(message);
        if (_closed || At(from.Index) != from)
        {
            return SendStatus.Unreachable;
        }

        var (far, reason) = _network.Find(this, to.Addresses.AsSpan());
        var destination = far?.Find(to.Id);
        if (destination is null || LinkTo(far!) is not { } link)
        {
            _reports.Add(to, far is null ? reason : PeerDownReason.IdentityMismatch);
            return SendStatus.Unreachable;
        }

        return link.Append((ushort)from.Index, (ushort)destination.Index, message, priority);
    }

    /// <inheritdoc/>
    public ValueTask<NodeHandle> ResolveAsync(LocalNode from, NodeAddress address, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (far, reason) = _network.Find(this, [address]);
        var message = far is null ? $"Nobody can be reached at {address}. Check the address, and that the host runs."
            : far == this ? $"{address} is this host itself, which is home to no other node; name the address of another."
            : $"The host at {address} is home to no node yet. Try again when one has started there.";
        return far is not null && Array.Find(far._nodes, node => node is not null && (far != this || node.Index != from.Index)) is { } first
            ? ValueTask.FromResult(first.Handle)
            : ValueTask.FromException<NodeHandle>(new TransportException(far == this ? PeerDownReason.IdentityMismatch : reason, message));
    }

    /// <inheritdoc/>
    public ValueTask<TransportStream> OpenStreamAsync(LocalNode from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        cancellationToken.ThrowIfCancellationRequested();
        var (far, reason) = _network.Find(this, to.Addresses.AsSpan());
        if (far?.Find(to.Id) is not { } destination)
        {
            return ValueTask.FromException<TransportStream>(far is null
                ? new TransportException(reason, $"{to} can't be reached. Check that its host runs.")
                : new TransportException(PeerDownReason.IdentityMismatch, $"{to.Address} is not home to node {to.Id}."));
        }

        var pair = new StreamPair(from.Handle, destination.Handle);
        Keep(pair, far);
        far.Keep(pair, this);
        pair.Closed = closed =>
        {
            Forget(closed);
            far.Forget(closed);
        };
        if (far._handler?.AcceptStream(destination, pair.Accepted, application) != true)
        {
            pair.Cut();
        }

        return ValueTask.FromResult(pair.Opened);
    }

    /// <inheritdoc/>
    public void Abort() => Close(died: true);

    /// <summary>Leaves the network: what was sent before is still delivered, and peers are told.</summary>
    public async ValueTask DisposeAsync()
    {
        Close(died: false);
        await _tasks.WhenEmptyAsync().ConfigureAwait(false);
    }

    /// <summary>Breaks what there is between this host and another.</summary>
    internal void Lose(InMemoryTransport far, bool report = true)
    {
        LocalLink? link;
        StreamPair[] streams;
        lock (_gate)
        {
            _links.Remove(far, out link);
            streams = [.. _streams.Where(stream => stream.Value == far).Select(stream => stream.Key)];
        }

        link?.Discard();
        foreach (var stream in streams)
        {
            stream.Cut();
        }

        foreach (var node in report && link is not null ? far._nodes : [])
        {
            if (node is not null)
            {
                _reports.Add(node.Handle, PeerDownReason.ConnectionLost);
            }
        }
    }

    private LocalNode? Find(NodeId id) => Array.Find(_nodes, node => node?.Handle.Id == id);

    private LocalNode? At(int index) => _nodes is var nodes && (uint)index < (uint)nodes.Length ? nodes[index] : null;

    private void Keep(StreamPair stream, InMemoryTransport far)
    {
        lock (_gate)
        {
            _streams[stream] = far;
        }
    }

    private void Forget(StreamPair stream)
    {
        lock (_gate)
        {
            _streams.Remove(stream);
        }
    }

    private LocalLink? LinkTo(InMemoryTransport far)
    {
        lock (_gate)
        {
            if (_closed || _links.TryGetValue(far, out var link))
            {
                return _closed ? null : _links[far];
            }

            _links[far] = link = new LocalLink(QueueBytes, At, far.At, (node, batch) => far._handler!.ReceiveAsync(node, batch));
            _tasks.Run(link.RunAsync);
            return link;
        }
    }

    private void Close(bool died)
    {
        LocalLink[] links;
        StreamPair[] streams;
        lock (_gate)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            links = [.. _links.Values];
            streams = [.. _streams.Keys];
        }

        _network.Remove(this, died);
        _closing.Cancel();
        Array.ForEach(streams, stream => stream.Cut());
        Array.ForEach(links, link =>
        {
            if (died)
            {
                link.Discard();
            }
            else
            {
                link.Close();
            }
        });
    }
}
