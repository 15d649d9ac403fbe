using System.Collections.Concurrent;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>
/// Is home to one or several nodes behind one listener. Nodes of one host fail together, which is why they say so in their handles.
/// </summary>
public sealed class PastryHost : IAsyncDisposable
{
    private readonly ConcurrentDictionary<int, PastryNode> _nodes = new();
    private readonly Lock _gate = new();
    private Task? _disposal;

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

    /// <summary>
    /// Stops the nodes that live here, each with a farewell, and then the transport. Returns when that is done, however often it is called.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task disposal;
        lock (_gate)
        {
            disposal = _disposal ??= DisposeAfterAsync(begun.Task);
        }

        begun.SetResult();
        await disposal.ConfigureAwait(false);
    }

    /// <summary>Makes a node known to others as living here.</summary>
    /// <exception cref="PastryException">The host has been disposed of, or the node lives here already.</exception>
    internal LocalNode Add(NodeIdentity identity)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            return Transport.AddNode(identity);
        }
    }

    /// <summary>Gives a node what arrives for it from now on.</summary>
    /// <exception cref="PastryException">The host has been disposed of.</exception>
    internal void Connect(LocalNode local, PastryNode node)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            _nodes[local.Index] = node;
        }
    }

    internal void Remove(LocalNode local)
    {
        _nodes.TryRemove(local.Index, out _);
        Transport.RemoveNode(local);
    }

    private void ThrowIfDisposed()
    {
        if (_disposal is not null)
        {
            throw new PastryException("The host has been disposed of; start the node on another.");
        }
    }

    private async Task DisposeAfterAsync(Task begun)
    {
        await begun.ConfigureAwait(false);
        await Task.WhenAll(_nodes.Values.Select(node => node.StopAsync().AsTask())).ConfigureAwait(false);
        await Transport.DisposeAsync().ConfigureAwait(false);
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
