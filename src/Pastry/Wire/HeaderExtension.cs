using System.Buffers;
using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>
/// Is what stands in a routed message's header behind the fixed fields: a MessagePack array of fields that a message may have or not,
/// [origin or nil, trace or nil, number or nil, …], filled up with zeros to whole words. Who passes a message on leaves it as it is, whatever it knows of it,
/// but for the trace: who takes part in that puts the place of its own hop in.
/// </summary>
internal sealed class HeaderExtension
{
    private const int OriginOnly = 1;
    private const int OriginAndTrace = 2;
    private const int WithNumber = 3;

    private readonly byte[] _bytes;
    private NodeHandle? _origin;
    private bool _isOriginRead;
    private TraceContext? _trace;
    private int _traceOffset;
    private bool _isTraceRead;
    private ulong? _number;
    private bool _isNumberRead;

    private HeaderExtension(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Who says to have sent the message first, or null where nobody says it in a form that can be read.</summary>
    public NodeHandle? Origin
    {
        get
        {
            if (!_isOriginRead)
            {
                (_origin, _isOriginRead) = (ReadOrigin(_bytes), true);
            }

            return _origin;
        }
    }

    /// <summary>The trace that the message belongs to, or null where it names none in a form that can be read.</summary>
    public TraceContext? Trace
    {
        get
        {
            if (!_isTraceRead)
            {
                (_trace, _isTraceRead) = (ReadTrace(_bytes, out _traceOffset), true);
            }

            return _trace;
        }
    }

    /// <summary>The number under which its origin wants to hear that the message was taken, or null where nobody does.</summary>
    public ulong? Number
    {
        get
        {
            if (!_isNumberRead)
            {
                (_number, _isNumberRead) = (ReadNumber(_bytes), true);
            }

            return _number;
        }
    }

    /// <summary>Copies what came in a header; it is read only when somebody asks.</summary>
    public static HeaderExtension Copy(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>Names the origin of a message; the longest of handles takes less than half of the room that a header has.</summary>
    public static HeaderExtension OfOrigin(NodeHandle origin) => new(Encode(origin, trace: null, number: null)) { _origin = origin, _isOriginRead = true };

    /// <summary>Names the trace that a message belongs to, and its origin where that is given.</summary>
    public static HeaderExtension OfTrace(TraceContext trace, NodeHandle? origin) =>
        new(Encode(origin, trace, number: null)) { _origin = origin, _isOriginRead = true };

    /// <summary>Names the origin of a message and the number that confirms it, and the trace that it belongs to where that is given.</summary>
    public static HeaderExtension OfNumber(ulong number, NodeHandle origin, TraceContext? trace) =>
        new(Encode(origin, trace, number)) { _origin = origin, _isOriginRead = true };

    /// <summary>Puts another place in the trace in, and leaves all other fields as they are.</summary>
    /// <exception cref="InvalidOperationException">There is no trace.</exception>
    public HeaderExtension WithTrace(TraceContext trace)
    {
        if (Trace is null)
        {
            throw new InvalidOperationException("The message belongs to no trace.");
        }

        var bytes = _bytes.AsSpan().ToArray();
        trace.Write(bytes.AsSpan(_traceOffset));
        return new HeaderExtension(bytes);
    }

    private static byte[] Encode(NodeHandle? origin, TraceContext? trace, ulong? number)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(number is not null ? WithNumber : trace is not null ? OriginAndTrace : OriginOnly);
        if (origin is null)
        {
            writer.WriteNil();
        }
        else
        {
            NodeHandleFormat.Write(ref writer, origin);
        }

        if (trace is { } context)
        {
            writer.WriteBinHeader(TraceContext.ByteLength);
            context.Write(writer.GetSpan(TraceContext.ByteLength));
            writer.Advance(TraceContext.ByteLength);
        }
        else if (number is not null)
        {
            writer.WriteNil();
        }

        if (number is { } value)
        {
            writer.Write(value);
        }

        writer.Flush();
        var words = (buffer.WrittenCount + MessageFormat.WordLength - 1) / MessageFormat.WordLength;
        var bytes = new byte[words * MessageFormat.WordLength];
        buffer.WrittenSpan.CopyTo(bytes);
        return bytes;
    }

    private static NodeHandle? ReadOrigin(byte[] bytes)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            return reader.ReadArrayHeader() >= OriginOnly && !reader.TryReadNil() ? NodeHandleFormat.Read(ref reader) : null;
        }
        catch (Exception exception) when (PackReading.IsMalformed(exception))
        {
            return null;
        }
    }

    private static ulong? ReadNumber(byte[] bytes)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            if (reader.ReadArrayHeader() < WithNumber)
            {
                return null;
            }

            reader.Skip();
            reader.Skip();
            return reader.TryReadNil() ? null : reader.ReadUInt64();
        }
        catch (Exception exception) when (PackReading.IsMalformed(exception))
        {
            return null;
        }
    }

    private static TraceContext? ReadTrace(byte[] bytes, out int offset)
    {
        offset = 0;
        try
        {
            var reader = new MessagePackReader(bytes);
            if (reader.ReadArrayHeader() < OriginAndTrace)
            {
                return null;
            }

            reader.Skip();
            if (reader.TryReadNil() || reader.ReadBytes() is not { Length: TraceContext.ByteLength })
            {
                return null;
            }

            offset = (int)reader.Consumed - TraceContext.ByteLength;
            return TraceContext.TryRead(bytes.AsSpan(offset, TraceContext.ByteLength), out var trace) ? trace : null;
        }
        catch (Exception exception) when (PackReading.IsMalformed(exception))
        {
            return null;
        }
    }
}
