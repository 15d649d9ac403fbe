using System.Buffers;
using System.Threading.Tasks.Sources;

namespace P2P.Pastry.Transport.Framing;

/// <summary>
/// Collects frames from many senders for one writer, which takes all that has accumulated at once. Nothing is allocated per frame, and
/// an empty queue holds no buffer.
/// </summary>
/// <param name="maxBytes">
/// The most that may wait, apart from a quarter more for urgent messages; the same amount may be on its way in the writer's hands.
/// </param>
internal sealed class FrameQueue(int maxBytes) : IValueTaskSource<bool>
{
    private const int FirstCapacity = 4096;

    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<bool> _arrival = new() { RunContinuationsAsynchronously = true };
    private byte[] _filling = [];
    private byte[] _taken = [];
    private int _length;
    private int _frames;
    private bool _waiting;
    private bool _closed;

    /// <summary>Copies a frame into the queue: dropped if the queue is full, unreachable if it is closed.</summary>
    public SendStatus Append(ushort source, ushort destination, ReadOnlySpan<byte> message, MessagePriority priority)
    {
        var limit = priority == MessagePriority.Urgent ? maxBytes + maxBytes / 4 : maxBytes;
        bool wake;
        lock (_gate)
        {
            if (_closed)
            {
                return SendStatus.Unreachable;
            }

            if (_length + FrameFormat.HeaderLength + message.Length > limit)
            {
                return SendStatus.Dropped;
            }

            Write(source, destination, message);
            wake = TakeWaiter();
        }

        Wake(wake, true);
        return SendStatus.Accepted;
    }

    /// <summary>Adds what the host itself has to say. It is short and rare, and the bound doesn't apply to it.</summary>
    public bool AppendControl(ReadOnlySpan<byte> message, bool last = false)
    {
        bool wake;
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            Write(FrameFormat.Host, FrameFormat.Host, message);
            _closed = last;
            wake = TakeWaiter();
        }

        Wake(wake, true);
        return true;
    }

    /// <summary>Waits until there is something to take; false once the queue is closed and empty. One caller at a time.</summary>
    public ValueTask<bool> WaitAsync()
    {
        lock (_gate)
        {
            if (_length > 0 || _closed)
            {
                return new ValueTask<bool>(_length > 0);
            }

            _arrival.Reset();
            _waiting = true;
            return new ValueTask<bool>(this, _arrival.Version);
        }
    }

    /// <summary>Takes all frames; they are the caller's until <see cref="Recycle"/>.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        lock (_gate)
        {
            _taken = _filling;
            var taken = _taken.AsMemory(0, _length);
            (_filling, _length, _frames) = ([], 0, 0);
            return taken;
        }
    }

    /// <summary>Gives back the buffer that was taken.</summary>
    public void Recycle()
    {
        if (_taken.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_taken);
            _taken = [];
        }
    }

    /// <summary>Closes the queue after what is in it.</summary>
    public void Close()
    {
        bool wake, any;
        lock (_gate)
        {
            _closed = true;
            any = _length > 0;
            wake = TakeWaiter();
        }

        Wake(wake, any);
    }

    /// <summary>Closes the queue, throws away what is in it and tells how many frames that were.</summary>
    public int Discard()
    {
        int discarded;
        lock (_gate)
        {
            discarded = _frames;
            _closed = true;
            if (_filling.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_filling);
            }

            (_filling, _length, _frames) = ([], 0, 0);
        }

        Close();
        return discarded;
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private void Write(ushort source, ushort destination, ReadOnlySpan<byte> message)
    {
        var needed = _length + FrameFormat.HeaderLength + message.Length;
        if (needed > _filling.Length)
        {
            Grow(needed);
        }

        FrameFormat.Write(_filling.AsSpan(_length), source, destination, message);
        _length = needed;
        _frames++;
    }

    private void Grow(int needed)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, Math.Max(FirstCapacity, Math.Min(_filling.Length * 2, maxBytes))));
        _filling.AsSpan(0, _length).CopyTo(larger);
        if (_filling.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_filling);
        }

        _filling = larger;
    }

    private bool TakeWaiter()
    {
        var waiting = _waiting;
        _waiting = false;
        return waiting;
    }

    // Outside the lock: whoever wakes must not find it held.
    private void Wake(bool waiting, bool any)
    {
        if (waiting)
        {
            _arrival.SetResult(any);
        }
    }
}
