using System.Runtime.CompilerServices;

namespace P2P.Pastry.Transport.Framing;

/// <summary>
/// Cuts what is read from a connection into frames and makes one batch for each local node and read. The bytes stay where they were read
/// to: the batch of the first node owns the buffer, and only frames for further nodes are copied.
/// </summary>
internal sealed class FrameReceiver(IFrameSink sink) : IDisposable
{
    private const int Capacity = 64 * 1024;

    private readonly List<Share> _others = [];
    private MessageBatch? _batch;
    private LocalNode? _owner;
    private int _start;
    private int _end;

    /// <summary>Whether a frame has begun to arrive and is not complete.</summary>
    public bool HasPart => _end > _start;

    /// <summary>Gives room to read into; never empty.</summary>
    public Memory<byte> GetRoom()
    {
        _batch ??= MessageBatch.Rent(Capacity);
        return _batch.Buffer.AsMemory(_end);
    }

    /// <summary>Passes on the messages that the bytes just read complete.</summary>
    /// <exception cref="InvalidDataException">The bytes are no frames.</exception>
    public ValueTask AdvanceAsync(int count)
    {
        _end += count;
        var missing = Sort();
        if (_batch!.Count == 0)
        {
            MakeRoom(missing);
            return ValueTask.CompletedTask;
        }

        var (batch, owner) = (_batch, _owner!);
        CarryOver(missing);
        return _others.Count == 0 ? sink.DeliverAsync(owner, batch) : DeliverAllAsync(owner, batch);
    }

    /// <summary>Gives back what is held.</summary>
    public void Dispose()
    {
        _batch?.Return();
        _batch = null;
        foreach (var share in _others)
        {
            share.Batch.Return();
        }

        _others.Clear();
        _start = _end = 0;
    }

    /// <summary>Adds each complete frame to its node's batch; tells the length of the frame that isn't complete, or 0.</summary>
    private int Sort()
    {
        var bytes = _batch!.Buffer.AsSpan(0, _end);
        while (_end - _start >= FrameFormat.LengthBytes)
        {
            var length = FrameFormat.ReadFrameLength(bytes[_start..]);
            if (_end - _start < length)
            {
                return length;
            }

            TakeFrame(bytes.Slice(_start, length));
            _start += length;
        }

        return _end > _start ? FrameFormat.HeaderLength : 0;
    }

    private void TakeFrame(ReadOnlySpan<byte> frame)
    {
        var (source, destination) = FrameFormat.ReadIndexes(frame);
        if (source == FrameFormat.Host)
        {
            sink.TakeControl(frame[FrameFormat.HeaderLength..]);
        }
        else if (sink.TryFind(source, destination, out var from, out var to))
        {
            _owner ??= to;
            if (ReferenceEquals(to, _owner))
            {
                _batch!.Add(from, _start + FrameFormat.HeaderLength, frame.Length - FrameFormat.HeaderLength);
            }
            else
            {
                AddToOther(from, to, frame[FrameFormat.HeaderLength..]);
            }
        }
    }

    private void AddToOther(NodeHandle from, LocalNode to, ReadOnlySpan<byte> message)
    {
        var index = _others.FindIndex(share => ReferenceEquals(share.Node, to));
        if (index < 0)
        {
            index = _others.Count;
            // All that is left of this read could be for that node.
            _others.Add(new Share(to, MessageBatch.Rent(_end - _start), 0));
        }

        var share = _others[index];
        message.CopyTo(share.Batch.Buffer.AsSpan(share.Length));
        share.Batch.Add(from, share.Length, message.Length);
        _others[index] = share with { Length = share.Length + message.Length };
    }

    /// <summary>Keeps the buffer, which no message lies in, and makes sure that the missing frame fits behind what is there of it.</summary>
    private void MakeRoom(int missing)
    {
        if (missing == 0)
        {
            Dispose();
        }
        else if (_start + missing > _batch!.Buffer.Length)
        {
            var old = _batch;
            CarryOver(missing);
            old.Return();
        }
    }

    /// <summary>Moves the part of a frame at the end of the buffer to a new one.</summary>
    private void CarryOver(int missing)
    {
        var rest = _batch!.Buffer.AsSpan(_start, _end - _start);
        _batch = missing == 0 ? null : MessageBatch.Rent(Math.Max(Capacity, missing));
        if (_batch is not null)
        {
            rest.CopyTo(_batch.Buffer);
        }

        _owner = null;
        _start = 0;
        _end = rest.Length;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask DeliverAllAsync(LocalNode owner, MessageBatch batch)
    {
        await sink.DeliverAsync(owner, batch).ConfigureAwait(false);
        while (_others.Count > 0)
        {
            var next = _others[0];
            _others.RemoveAt(0);
            await sink.DeliverAsync(next.Node, next.Batch).ConfigureAwait(false);
        }
    }

    private readonly record struct Share(LocalNode Node, MessageBatch Batch, int Length);
}
