using System.IO.Pipelines;

namespace P2P.YouServ.Hosting;

/// <summary>Writes into a pipe, and tells when there is something for its reader.</summary>
internal sealed class LaneWriter(PipeWriter writer, Action flushed) : PipeWriter
{
    public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

    public override long UnflushedBytes => writer.UnflushedBytes;

    public override void Advance(int bytes) => writer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => writer.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flushing = writer.FlushAsync(cancellationToken);
        flushed();
        return flushing;
    }

    public override void Complete(Exception? exception = null)
    {
        writer.Complete(exception);
        flushed();
    }
}
