using System.Buffers;

namespace P2P.Pastry.Transport;

/// <summary>
/// Holds messages that arrived together for one node, in one pooled buffer, so that a wake-up is paid for once a batch. The owner reads
/// it, then returns it; nothing of it may be used afterwards.
/// </summary>
public sealed class MessageBatch
{
    /// <summary>The longest message, in bytes. Longer content travels as a stream.</summary>
    public const int MessageLengthMax = 128 * 1024;

    /// <summary>A longer buffer than this is not kept for the next batch; the pool as a whole keeps at most 32 MiB.</summary>
    private const int KeptLength = 64 * 1024;

    private static readonly ObjectPool Pool = new();

    private Entry[] _entries = new Entry[64];
    private byte[] _buffer = [];
    private bool _isRented;

    private MessageBatch()
    {
    }

    /// <summary>How many messages there are.</summary>
    public int Count { get; private set; }

    /// <summary>The buffer that the messages lie in.</summary>
    public byte[] Buffer => _buffer;

    /// <summary>Gives a message: who sent it, proven by the transport, and its bytes.</summary>
    public (NodeHandle From, ReadOnlyMemory<byte> Bytes) this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            ref readonly var entry = ref _entries[index];
            return (entry.From, _buffer.AsMemory(entry.Offset, entry.Length));
        }
    }

    /// <summary>Takes an empty batch from the pool.</summary>
    /// <param name="capacity">The least room for messages, in bytes.</param>
    public static MessageBatch Rent(int capacity)
    {
        var batch = Pool.Take() ?? new MessageBatch();
        if (batch._buffer.Length < capacity)
        {
            ArrayPool<byte>.Shared.Return(batch._buffer);
            batch._buffer = ArrayPool<byte>.Shared.Rent(capacity);
        }

        batch._isRented = true;
        return batch;
    }

    /// <summary>Adds a message that already lies in the buffer.</summary>
    public void Add(NodeHandle from, int offset, int length)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, Count * 2);
        }

        _entries[Count++] = new Entry(from, offset, length);
    }

    /// <exception cref="ArgumentException">No transport carries a message of this length.</exception>
    internal static void ThrowIfTooLong(ReadOnlySpan<byte> message)
    {
        if (message.Length > MessageLengthMax)
        {
            throw new ArgumentException($"A message has at most {MessageLengthMax} bytes, not {message.Length}; use a stream for more.", nameof(message));
        }
    }

    /// <summary>Gives the batch and its buffer back; its owner does so once.</summary>
    /// <exception cref="InvalidOperationException">The batch has been returned before.</exception>
    public void Return()
    {
        if (!Interlocked.Exchange(ref _isRented, false))
        {
            throw new InvalidOperationException("The batch has been returned before: by now it may be somebody else's. Return it once, and use nothing of it afterwards.");
        }

        Array.Clear(_entries, 0, Count);
        Count = 0;
        if (_buffer.Length > KeptLength)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }

        // The buffer stays with the batch: it is filled on one thread and emptied on another, where the shared pool of arrays runs dry.
        if (!Pool.TryGive(this))
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private readonly record struct Entry(NodeHandle From, int Offset, int Length);

    private sealed class ObjectPool
    {
        private const int Capacity = 512;
        private readonly Stack<MessageBatch> _free = new();
        private readonly Lock _gate = new();

        public MessageBatch? Take()
        {
            lock (_gate)
            {
                return _free.TryPop(out var batch) ? batch : null;
            }
        }

        public bool TryGive(MessageBatch batch)
        {
            lock (_gate)
            {
                if (_free.Count == Capacity)
                {
                    return false;
                }

                _free.Push(batch);
                return true;
            }
        }
    }
}
