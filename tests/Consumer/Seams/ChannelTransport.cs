using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Threading.Channels;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Consumer.Seams;

/// <summary>Carries messages through channels and streams through pipes, within one process: a transport that knows the package's public face alone.</summary>
internal sealed class ChannelTransport(ChannelNetwork network, NodeAddress address) : ITransport
{
    /// <summary>What comes while so many messages wait is dropped, as on any network.</summary>
    private const int WaitingMax = 1024;

    private readonly Channel<(LocalNode Node, MessageBatch Batch)> _inbox = Channel.CreateBounded<(LocalNode, MessageBatch)>(WaitingMax);
    private readonly ConcurrentDictionary<NodeId, LocalNode> _nodes = [];
    private readonly CancellationTokenSource _closing = new();
    private ITransportHandler? _handler;
    private Task _receiving = Task.CompletedTask;
    private long _sentMessages;
    private int _lastIndex = -1;

    public ImmutableArray<NodeAddress> Addresses => [address];

    public long SentMessages => Interlocked.Read(ref _sentMessages);

    public ValueTask StartAsync(ITransportHandler handler, CancellationToken cancellationToken = default)
    {
        _handler = handler;
        _receiving = Task.Run(() => ReceiveAsync(handler), CancellationToken.None);
        network.Add(address, this);
        return default;
    }

    public LocalNode AddNode(NodeIdentity node)
    {
        var local = new LocalNode(Interlocked.Increment(ref _lastIndex), new NodeHandle(node.Key.PublicKey.NodeId, node.Incarnation, Addresses));
        return _nodes.TryAdd(local.Handle.Id, local) ? local : throw new PastryException($"Node {local.Handle.Id} lives here already.");
    }

    public void RemoveNode(LocalNode node) => _nodes.TryRemove(node.Handle.Id, out _);

    public SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority = MessagePriority.Normal)
    {
        if (Find(to) is not { } far)
        {
            return SendStatus.Unreachable;
        }

        var batch = MessageBatch.Rent(message.Length);
        message.CopyTo(batch.Buffer);
        batch.Add(from.Handle, 0, message.Length);
        if (!far.Host._inbox.Writer.TryWrite((far.Node, batch)))
        {
            batch.Return();
            return SendStatus.Dropped;
        }

        Interlocked.Increment(ref _sentMessages);
        return SendStatus.Accepted;
    }

    public ValueTask<NodeHandle> ResolveAsync(LocalNode from, NodeAddress address, CancellationToken cancellationToken = default) =>
        network.Find(address)?._nodes.Values.FirstOrDefault(node => node != from) is { } node
            ? new(node.Handle)
            : throw new TransportException(PeerDownReason.Unreachable, $"Nobody lives at {address}.");

    public ValueTask<TransportStream> OpenStreamAsync(LocalNode from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken = default)
    {
        if (Find(to) is not { } far)
        {
            throw new TransportException(PeerDownReason.Unreachable, $"{to} is not here.");
        }

        var (there, back) = (new Pipe(), new Pipe());
        far.Host._handler!.AcceptStream(far.Node, NewStream(from.Handle, there.Reader, back.Writer), application);
        return new(NewStream(to, back.Reader, there.Writer));
    }

    public void Abort()
    {
        network.Remove(address);
        _closing.Cancel();
        _inbox.Writer.TryComplete();
    }

    public async ValueTask DisposeAsync()
    {
        Abort();
        await _receiving;
        _closing.Dispose();
    }

    private (ChannelTransport Host, LocalNode Node)? Find(NodeHandle node) =>
        network.Find(node.Address) is { } host && host._nodes.TryGetValue(node.Id, out var local) ? (host, local) : null;

    private async Task ReceiveAsync(ITransportHandler handler)
    {
        await foreach (var (node, batch) in _inbox.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (_closing.IsCancellationRequested)
            {
                batch.Return();
            }
            else
            {
                await handler.ReceiveAsync(node, batch, _closing.Token);
            }
        }
    }

    private static TransportStream NewStream(NodeHandle peer, PipeReader input, PipeWriter output) => new(
        peer,
        new Duplex(input, output),
        async () =>
        {
            // An output that was completed before stays so; else who reads it learns that it was cut off.
            await output.CompleteAsync(new IOException("The stream was cut off."));
            await input.CompleteAsync();
        });

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
