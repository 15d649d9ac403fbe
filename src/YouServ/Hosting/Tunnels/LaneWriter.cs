using System.IO.Pipelines;

namespace P2P.YouServ.Hosting;

/// <summary>Writes into a pipe, and tells when there is something for its reader, or when the writer has failed: the reader serves other lanes too, and is not to meet the failure.</summary>
internal sealed class LaneWriter(PipeWriter writer, Action flushed, Action failed) : PipeWriter
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
        if (exception is not null)
        {
            failed();
        }

        writer.Complete();
        flushed();
    }
}
