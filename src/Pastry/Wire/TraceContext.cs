using System.Buffers.Binary;
using System.Diagnostics;

namespace P2P.Pastry.Wire;

/// <summary>
/// Names the place in a trace that a message belongs to, as W3C's traceparent does: 16 bytes of the trace's id, 8 of the span's, a byte of flags.
/// </summary>
internal readonly record struct TraceContext(UInt128 TraceId, ulong SpanId, byte Flags)
{
    public const int ByteLength = SpanOffset + sizeof(ulong) + 1;

    private const int SpanOffset = 16;
    private const byte Sampled = 1;

    /// <summary>Tells whether whoever started the trace wants it to be kept.</summary>
    public bool IsSampled => (Flags & Sampled) != 0;

    /// <summary>Names the place of a span.</summary>
    public static TraceContext Of(Activity activity)
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        activity.TraceId.CopyTo(bytes[..SpanOffset]);
        activity.SpanId.CopyTo(bytes.Slice(SpanOffset, sizeof(ulong)));
        bytes[ByteLength - 1] = (byte)activity.ActivityTraceFlags;
        TryRead(bytes, out var context);
        return context;
    }

    /// <summary>Reads a context; an id of zeros is none.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out TraceContext context)
    {
        context = default;
        if (bytes.Length != ByteLength)
        {
            return false;
        }

        context = new TraceContext(
            BinaryPrimitives.ReadUInt128BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[SpanOffset..]), bytes[ByteLength - 1]);
        return context.TraceId != 0 && context.SpanId != 0;
    }

    public void Write(Span<byte> bytes)
    {
        BinaryPrimitives.WriteUInt128BigEndian(bytes, TraceId);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[SpanOffset..], SpanId);
        bytes[ByteLength - 1] = Flags;
    }

    /// <summary>Makes what spans take as their parent.</summary>
    public ActivityContext ToActivityContext()
    {
        Span<byte> bytes = stackalloc byte[ByteLength];
        Write(bytes);
        return new ActivityContext(
            ActivityTraceId.CreateFromBytes(bytes[..SpanOffset]),
            ActivitySpanId.CreateFromBytes(bytes.Slice(SpanOffset, sizeof(ulong))),
            IsSampled ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None,
            isRemote: true);
    }
}
