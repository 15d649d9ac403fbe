using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>Reads MessagePack that anybody may have written.</summary>
internal static class PackReading
{
    public delegate T Reader<out T>(ref MessagePackReader reader);

    /// <summary>
    /// Tells whether an exception is how the reader reports malformed bytes: it has its own, and others for lengths and numbers beyond its
    /// reach.
    /// </summary>
    public static bool IsMalformed(Exception exception) =>
        exception is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException;

    /// <summary>Reads a value that stands at the begin of a sequence, and moves that behind it.</summary>
    /// <returns>False where something else stands there; the sequence stays as it is.</returns>
    public static bool TryRead<T>(ref ReadOnlySequence<byte> source, Reader<T> read, [NotNullWhen(true)] out T? value)
        where T : class
    {
        try
        {
            var reader = new MessagePackReader(source);
            value = read(ref reader);
            source = source.Slice(reader.Position);
            return true;
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            value = null;
            return false;
        }
    }
}
