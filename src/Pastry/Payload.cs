using System.Buffers;
using System.Runtime.InteropServices;

namespace P2P.Pastry;

/// <summary>
/// Is what an application says: bytes, or an object that knows how to become bytes. A payload that a handler is given is valid during the
/// call; <see cref="Keep"/> makes one that lasts.
/// </summary>
public readonly struct Payload
{
    /// <summary>The longest payload of a message, in bytes: 64 KiB. Longer content travels as a stream.</summary>
    public const int LengthMax = 64 * 1024;

    private readonly object? _source;
    private readonly int _offset;
    private readonly int _length;

    private Payload(object? source, int offset, int length)
    {
        _source = source;
        _offset = offset;
        _length = length;
    }

    /// <summary>A payload of no bytes.</summary>
    public static Payload Empty => default;

    /// <summary>The object that this payload is, or null where it is bytes.</summary>
    public PayloadContent? Content => _source as PayloadContent;

    /// <summary>Tells whether there is nothing at all.</summary>
    public bool IsEmpty => _source is null || (_source is byte[] && _length == 0);

    /// <summary>The bytes of a payload that is no object.</summary>
    /// <exception cref="InvalidOperationException">The payload is an object.</exception>
    public ReadOnlyMemory<byte> Memory => TryGetBytes(out var bytes) ? bytes : throw IsAnObject();

    /// <summary>The bytes of a payload that is no object.</summary>
    /// <exception cref="InvalidOperationException">The payload is an object.</exception>
    public ReadOnlySpan<byte> Span => _source switch
    {
        byte[] bytes => bytes.AsSpan(_offset, _length),
        null => default,
        _ => throw IsAnObject(),
    };

    /// <summary>Wraps bytes, which must not change as long as the payload is in use.</summary>
    public static Payload FromBytes(ReadOnlyMemory<byte> bytes)
    {
        if (!MemoryMarshal.TryGetArray(bytes, out var segment))
        {
            segment = bytes.ToArray();
        }

        return new Payload(segment.Array, segment.Offset, segment.Count);
    }

    /// <summary>Wraps an immutable object, which is encoded only if the payload crosses a wire.</summary>
    public static Payload FromContent(PayloadContent content)
    {
        ArgumentNullException.ThrowIfNull(content);
        return new Payload(content, 0, 0);
    }

    /// <summary>Gives the bytes of a payload that is no object.</summary>
    /// <returns>False where the payload is an object, which <see cref="Content"/> gives.</returns>
    public bool TryGetBytes(out ReadOnlyMemory<byte> bytes)
    {
        bytes = _source is byte[] array ? array.AsMemory(_offset, _length) : default;
        return _source is not PayloadContent;
    }

    /// <summary>Gives the payload as bytes of their own: a copy, or what the object writes.</summary>
    public byte[] ToArray()
    {
        if (_source is not PayloadContent content)
        {
            return Span.ToArray();
        }

        var writer = new ArrayBufferWriter<byte>();
        content.WriteTo(writer);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Gives a payload that stays valid: the same object, or a copy of the bytes.</summary>
    public Payload Keep() => _source is byte[] && _length > 0 ? new Payload(Span.ToArray(), 0, _length) : this;

    /// <summary>Writes the payload as bytes.</summary>
    public void WriteTo(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (_source is PayloadContent content)
        {
            content.WriteTo(writer);
        }
        else
        {
            writer.Write(Span);
        }
    }

    /// <summary>The most bytes that the payload has when it is written.</summary>
    internal int LengthAtMost => _source is PayloadContent content ? content.EncodedLengthMax : _length;

    /// <summary>Tells whether both are the same object or the same stretch of the same array.</summary>
    internal bool IsSameAs(in Payload other) => ReferenceEquals(_source, other._source) && _offset == other._offset && _length == other._length;

    /// <summary>Moves the payload to another array.</summary>
    internal Payload CopyTo(byte[] array)
    {
        Span.CopyTo(array);
        return new Payload(array, 0, _length);
    }

    /// <exception cref="ArgumentException">No message carries a payload of this length.</exception>
    internal void ThrowIfTooLong(string parameter)
    {
        if (LengthAtMost > LengthMax)
        {
            throw new ArgumentException($"A message carries at most {LengthMax} bytes, not {LengthAtMost}; open a stream for more.", parameter);
        }
    }

    /// <summary>The array that the bytes lie in, or null where the payload is an object or empty.</summary>
    internal byte[]? Array => _length > 0 ? _source as byte[] : null;

    private InvalidOperationException IsAnObject() =>
        new($"The payload is a {_source!.GetType().Name}, not bytes: take its {nameof(Content)}, or have it written by {nameof(ToArray)} or {nameof(WriteTo)}.");
}
