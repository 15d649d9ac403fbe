using System.Buffers;
using System.IO.Pipelines;

namespace P2P.YouServ.Hosting;

/// <summary>Reads from a pipe, and tells how many bytes were consumed each time.</summary>
internal sealed class MeteredReader(PipeReader reader, Action<long> consumed) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;

    public override bool TryRead(out ReadResult result)
    {
        var isRead = reader.TryRead(out result);
        _buffer = result.Buffer;
        return isRead;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = reader.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully ? new(Keep(reading.Result)) : KeepAsync(reading);
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed1, SequencePosition examined)
    {
        var bytes = _buffer.Slice(0, consumed1).Length;
        _buffer = default;
        reader.AdvanceTo(consumed1, examined);
        if (bytes > 0)
        {
            consumed(bytes);
        }
    }

    public override void CancelPendingRead() => reader.CancelPendingRead();

    public override void Complete(Exception? exception = null) => reader.Complete(exception);

    private async ValueTask<ReadResult> KeepAsync(ValueTask<ReadResult> reading) => Keep(await reading.ConfigureAwait(false));

    private ReadResult Keep(ReadResult result)
    {
        _buffer = result.Buffer;
        return result;
    }
}
