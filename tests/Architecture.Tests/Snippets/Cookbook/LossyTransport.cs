// snippet: lossy-transport
using System.Collections.Immutable;
using P2P.Pastry;
using P2P.Pastry.Transport;
// end of snippet

namespace Architecture.Tests.Snippets.Cookbook;

// snippet: lossy-transport
/// <summary>Loses a part of the messages that another transport would carry, as a bad radio link does.</summary>
/// <param name="inner">What carries the rest.</param>
/// <param name="loss">How many are lost, from 0 to 1.</param>
/// <param name="random">Decides which; safe for concurrent use, as <see cref="Random.Shared"/> is.</param>
public sealed class LossyTransport(ITransport inner, double loss, Random random) : ITransport
{
    private long _lost;

    public long Lost => Interlocked.Read(ref _lost);

    public ImmutableArray<NodeAddress> Addresses => inner.Addresses;

    // A sender is told that its message is on its way, since that is all that it would know of a real one.
    public SendStatus Send(LocalNode from, NodeHandle to, ReadOnlySpan<byte> message, MessagePriority priority)
    {
        if (random.NextDouble() >= loss)
        {
            return inner.Send(from, to, message, priority);
        }

        Interlocked.Increment(ref _lost);
        return SendStatus.Accepted;
    }

    public ValueTask StartAsync(ITransportHandler handler, CancellationToken cancellationToken) => inner.StartAsync(handler, cancellationToken);

    public LocalNode AddNode(NodeIdentity node) => inner.AddNode(node);

    public void RemoveNode(LocalNode node) => inner.RemoveNode(node);

    public void Favor(LocalNode node, IReadOnlyCollection<NodeHandle> neighbors, IReadOnlyCollection<NodeHandle> others) => inner.Favor(node, neighbors, others);

    public ValueTask<NodeHandle> ResolveAsync(LocalNode from, NodeAddress address, CancellationToken cancellationToken) =>
        inner.ResolveAsync(from, address, cancellationToken);

    // Streams are reliable: what is lost on a link, they send again.
    public ValueTask<TransportStream> OpenStreamAsync(LocalNode from, NodeHandle to, PastryApplicationId application, CancellationToken cancellationToken) =>
        inner.OpenStreamAsync(from, to, application, cancellationToken);

    public ValueTask DrainAsync(LocalNode node, CancellationToken cancellationToken) => inner.DrainAsync(node, cancellationToken);

    public void Abort() => inner.Abort();

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
// end of snippet
