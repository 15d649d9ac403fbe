using System.Collections.Concurrent;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Hosting;

/// <summary>
/// Is home to one or several nodes behind one listener. Nodes of one host fail together, which is why they say so in their handles.
/// </summary>
public sealed class PastryHost : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, PastryNode> _nodes = new();

    private PastryHost(ITransport transport) => Transport = transport;

    /// <summary>What carries messages and streams.</summary>
    public ITransport Transport { get; }

    /// <summary>Binds the transport.</summary>
    /// <param name="transport">A transport that has not been started; the host disposes of it.</param>
    /// <param name="cancellationToken">Gives up binding.</param>
    /// <exception cref="PastryException">The listener can't be bound.</exception>
    public static async ValueTask<PastryHost> StartAsync(ITransport transport, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(transport);
        var host = new PastryHost(transport);
        try
        {
            await transport.StartAsync(new Dispatcher(host), cancellationToken).ConfigureAwait(false);
            return host;
        }
        catch
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Stops the transport. Nodes that live here should have been stopped before.</summary>
    public ValueTask DisposeAsync() => Transport.DisposeAsync();

    internal void Add(LocalNode local, PastryNode node) => _nodes[local.Index] = node;

    internal void Remove(LocalNode local)
    {
        _nodes.TryRemove(local.Index, out _);
        Transport.RemoveNode(local);
    }

    private sealed class Dispatcher(PastryHost host) : ITransportHandler
    {
        public ValueTask ReceiveAsync(LocalNode node, MessageBatch batch, CancellationToken cancellationToken)
        {
            if (host._nodes.TryGetValue(node.Index, out var target))
            {
                return target.ReceiveAsync(batch, cancellationToken);
            }

            batch.Return();
            return ValueTask.CompletedTask;
        }

        public void AcceptStream(LocalNode node, TransportStream stream, PastryApplicationId application)
        {
            if (!host._nodes.TryGetValue(node.Index, out var target) || !target.TryAcceptStream(stream, application))
            {
                _ = stream.DisposeAsync().AsTask();
            }
        }

        public void PeerDown(NodeHandle peer, PeerDownReason reason)
        {
            foreach (var node in host._nodes.Values)
            {
                node.PeerDown(peer, reason);
            }
        }
    }
}
