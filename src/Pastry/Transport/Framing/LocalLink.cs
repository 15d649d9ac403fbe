using System.Diagnostics.CodeAnalysis;

namespace P2P.Pastry.Transport.Framing;

/// <summary>Carries frames within the process, from one host's nodes to another's or the same one's, through the same kind of queue as a connection.</summary>
/// <param name="maxBytes">The most that may wait.</param>
/// <param name="findSource">Gives the node behind a source index.</param>
/// <param name="findDestination">Gives the node behind a destination index.</param>
/// <param name="deliver">Passes messages on.</param>
internal sealed class LocalLink(
    int maxBytes,
    Func<int, LocalNode?> findSource,
    Func<int, LocalNode?> findDestination,
    Func<LocalNode, MessageBatch, ValueTask> deliver) : IFrameLink, IFrameSink
{
    private readonly FrameQueue _queue = new(maxBytes);

    public SendStatus Append(ushort source, ushort destination, ReadOnlySpan<byte> message, MessagePriority priority) =>
        _queue.Append(source, destination, message, priority);

    /// <summary>Carries frames until the link is closed and empty.</summary>
    public Task RunAsync() => FramePump.RunAsync(_queue, this);

    /// <summary>Takes no more frames; what waits is still carried.</summary>
    public void Close() => _queue.Close();

    /// <summary>Takes no more frames and throws away what waits.</summary>
    public void Discard() => _queue.Discard();

    bool IFrameSink.TryFind(ushort source, ushort destination, [NotNullWhen(true)] out NodeHandle? from, [NotNullWhen(true)] out LocalNode? to)
    {
        from = findSource(source)?.Handle;
        to = findDestination(destination);
        return from is not null && to is not null;
    }

    void IFrameSink.TakeControl(ReadOnlySpan<byte> message)
    {
        // Both ends are one process: there is nothing to tell.
    }

    ValueTask IFrameSink.DeliverAsync(LocalNode to, MessageBatch batch) => deliver(to, batch);
}
