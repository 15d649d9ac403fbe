using System.IO.Pipelines;

namespace P2P.Pastry.Transport.Framing;

/// <summary>Makes a stream whose ends are in one process.</summary>
internal static class StreamPair
{
    private static readonly PipeOptions Options = new(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, useSynchronizationContext: false);

    /// <summary>Makes both ends.</summary>
    /// <param name="opener">The node that opens; it holds the first end.</param>
    /// <param name="acceptor">The node that accepts; it holds the second end.</param>
    /// <param name="closed">Is called once for each end that is closed.</param>
    public static (TransportStream Opened, TransportStream Accepted) Create(NodeHandle opener, NodeHandle acceptor, Action? closed = null)
    {
        var there = new Pipe(Options);
        var back = new Pipe(Options);
        return (End(acceptor, new Duplex(back.Reader, there.Writer), closed), End(opener, new Duplex(there.Reader, back.Writer), closed));
    }

    private static TransportStream End(NodeHandle peer, Duplex pipe, Action? closed) => new(peer, pipe, async () =>
    {
        // Neither has an effect on what is complete.
        await pipe.Output.CompleteAsync(new IOException("The other end of the stream was cut off before it had written everything.")).ConfigureAwait(false);
        await pipe.Input.CompleteAsync(new IOException("The connection of the stream is closed.")).ConfigureAwait(false);
        closed?.Invoke();
    });

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
