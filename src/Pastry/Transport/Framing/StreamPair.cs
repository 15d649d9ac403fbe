using System.Buffers;
using System.IO.Pipelines;

namespace P2P.Pastry.Transport.Framing;

/// <summary>Is a stream whose ends are both in this process.</summary>
internal sealed class StreamPair
{
    // The pool: a stream may be cut off while its user writes, so that no buffer is ever used twice.
    private static readonly SingleUsePool Pool = new();

    private readonly Pipe _there;
    private readonly Pipe _back;
    private volatile bool _isCut;

    /// <summary>Makes both ends.</summary>
    /// <param name="opener">The node that opens.</param>
    /// <param name="acceptor">The node that accepts.</param>
    /// <param name="scheduler">Where the ends go on that waited for bytes or for room; default: on the thread pool.</param>
    public StreamPair(NodeHandle opener, NodeHandle acceptor, PipeScheduler? scheduler = null)
    {
        var options = new PipeOptions(
            Pool,
            readerScheduler: scheduler,
            writerScheduler: scheduler,
            pauseWriterThreshold: 256 * 1024,
            resumeWriterThreshold: 128 * 1024,
            minimumSegmentSize: 32 * 1024,
            useSynchronizationContext: false);
        _there = new Pipe(options);
        _back = new Pipe(options);
        Opened = new TransportStream(acceptor, new Duplex(_back.Reader, new Output(_there.Writer, this)), () => CloseAsync(_back.Reader, _there.Writer));
        Accepted = new TransportStream(opener, new Duplex(_there.Reader, new Output(_back.Writer, this)), () => CloseAsync(_there.Reader, _back.Writer));
    }

    public TransportStream Opened { get; }

    public TransportStream Accepted { get; }

    /// <summary>Is called when an end is closed.</summary>
    public Action<StreamPair>? Closed { get; set; }

    /// <summary>Cuts the stream off, for readers and writers at both ends.</summary>
    public void Cut()
    {
        _isCut = true;

        // Has no effect on what is complete.
        _there.Writer.Complete(CutOff());
        _back.Writer.Complete(CutOff());
    }

    private async ValueTask CloseAsync(PipeReader input, PipeWriter output)
    {
        await output.CompleteAsync(CutOff()).ConfigureAwait(false);
        await input.CompleteAsync(new IOException("The connection of the stream is closed.")).ConfigureAwait(false);
        Closed?.Invoke(this);
    }

    private static IOException CutOff() => new("The other end of the stream was cut off before it had written everything.");

    private sealed class SingleUsePool : MemoryPool<byte>
    {
        public override int MaxBufferSize => Array.MaxLength;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => new Owner(new byte[Math.Max(minBufferSize, 4096)]);

        protected override void Dispose(bool disposing)
        {
            // It holds nothing.
        }

        private sealed record Owner(Memory<byte> Memory) : IMemoryOwner<byte>
        {
            public void Dispose()
            {
                // The collector takes it.
            }
        }
    }

    /// <summary>Writes, and says that the stream was cut off where that has completed the writer under its user's hands.</summary>
    private sealed class Output(PipeWriter writer, StreamPair pair) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

        public override long UnflushedBytes => writer.UnflushedBytes;

        public override void Advance(int bytes) => Do(() =>
        {
            writer.Advance(bytes);
            return true;
        });

        public override Memory<byte> GetMemory(int sizeHint = 0) => Do(() => writer.GetMemory(sizeHint));

        public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => Do(() => writer.FlushAsync(cancellationToken));

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => writer.Complete(exception);

        public override ValueTask CompleteAsync(Exception? exception = null) => writer.CompleteAsync(exception);

        private T Do<T>(Func<T> write)
        {
            try
            {
                return write();
            }
            catch (InvalidOperationException) when (pair._isCut)
            {
                throw CutOff();
            }
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
