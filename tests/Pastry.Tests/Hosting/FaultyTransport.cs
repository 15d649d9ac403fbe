using System.Collections.Immutable;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>Is a transport in memory that fails where a test wants it to, and tells whether it has been let go of.</summary>
internal sealed class FaultyTransport(InMemoryTransport inner) : ITransport
{
    private int _sends;

    public Task Gate { get; init; } = Task.CompletedTask;

    public TaskCompletionSource Starting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool FailsToSend { get; init; }

    public bool FailsToClose { get; init; }

    public int Sends => Volatile.Read(ref _sends);

    public bool IsDisposed { get; private set; }

    public ImmutableArray<NodeAddress> Addresses => inner.Addresses;

    public async ValueTask StartAsync(ITransportHandler handler, CancellationToken cancellationToken = default)
    {
        Starting.SetResult();
        await Gate;
        await inner.StartAsync(handler, cancellationToken);
    }

    public LocalNode AddNode(NodeIdentity node) => inner.AddNode(node);

    public void RemoveNode(LocalNode node) => inner.RemoveNode(node);

    public SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority = MessagePriority.Normal)
    {
        Interlocked.Increment(ref _sends);
        return FailsToSend ? throw new InvalidOperationException("The wire is cut.") : inner.Send(from, to, message, priority);
    }

    public ValueTask<NodeHandle> ResolveAsync(LocalNode from, NodeAddress address, CancellationToken cancellationToken = default) =>
        inner.ResolveAsync(from, address, cancellationToken);

    public ValueTask<TransportStream> OpenStreamAsync(LocalNode from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken = default) =>
        inner.OpenStreamAsync(from, to, application, cancellationToken);

    public void Abort() => inner.Abort();

    public async ValueTask DisposeAsync()
    {
        IsDisposed = true;
        await inner.DisposeAsync();
        if (FailsToClose)
        {
            throw new IOException("The socket does not close.");
        }
    }
}
