using System.IO.Pipelines;

namespace P2P.Pastry.Transport;

/// <summary>Is a reliable stream between two nodes, whose far end has been proven.</summary>
/// <param name="peer">The node at the other end.</param>
/// <param name="pipe">Its two directions.</param>
/// <param name="close">Ends the stream.</param>
public sealed class TransportStream(NodeHandle peer, IDuplexPipe pipe, Func<ValueTask> close) : IAsyncDisposable
{
    private Func<ValueTask>? _close = close;

    /// <summary>The node at the other end.</summary>
    public NodeHandle Peer { get; } = peer;

    /// <summary>What the other end sends.</summary>
    public PipeReader Input { get; } = pipe.Input;

    /// <summary>What the other end receives; completing it lets the other end read to a clean end.</summary>
    public PipeWriter Output { get; } = pipe.Output;

    /// <summary>
    /// Ends the stream. An output that was completed is still sent, as long as the other end goes on taking it; one that was not is cut off,
    /// and reading it at the other end fails. What was not read is lost.
    /// </summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _close, null)?.Invoke() ?? ValueTask.CompletedTask;
}
