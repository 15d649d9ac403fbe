using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MessagePack;
using P2P.Pastry;

namespace P2P.Past.Wire;

/// <summary>
/// Reads signed statements and the fields of their bodies from hostile bytes: each bound is checked before anything is copied.
/// </summary>
internal static class StatementFields
{
    private const int StatementFieldCount = 3;

    /// <summary>Reads a signed statement that fills <paramref name="encoded"/> exactly.</summary>
    /// <exception cref="MessagePackSerializationException">The bytes are no statement, or too many.</exception>
    public static SignedStatement ReadStatement(in ReadOnlySequence<byte> encoded, int maxLength)
    {
        Require(encoded.Length <= maxLength);

        // The envelope is final and has no room to grow: what is unknown belongs into the body, under the signature.
        Require(new MessagePackReader(encoded).ReadArrayHeader() == StatementFieldCount);
        var rest = encoded;
        return SignedStatement.TryRead(ref rest, out var statement) && rest.IsEmpty
            ? statement
            : throw new MessagePackSerializationException("The bytes are no signed statement.");
    }

    /// <summary>Reads what is a signed statement of some kind, from bytes that anybody may have sent.</summary>
    /// <param name="encoded">Exactly the statement.</param>
    /// <param name="maxLength">How many bytes it may have.</param>
    /// <param name="read">Reads what the statement claims.</param>
    /// <param name="value">What it is, where the bytes have its form.</param>
    public static bool TryRead<T>(in ReadOnlySequence<byte> encoded, int maxLength, Func<SignedStatement, T> read, [NotNullWhen(true)] out T? value)
        where T : class
    {
        try
        {
            value = read(ReadStatement(encoded, maxLength));
            return true;
        }
        catch (Exception exception) when (IsMalformed(exception))
        {
            value = null;
            return false;
        }
    }

    /// <summary>
    /// Reads an array of fields: those that are known, then skips those that a later release added. Nothing follows the array.
    /// </summary>
    public static T ReadFields<T>(ref MessagePackReader reader, int known, FieldReader<T> read)
    {
        var count = reader.ReadArrayHeader();
        Require(count >= known);
        var value = read(ref reader);
        SkipRest(ref reader, known, count);
        return value;
    }

    /// <summary>
    /// Reads an array of fields of which the last known ones came with a later release, so that they may be missing.
    /// </summary>
    /// <param name="reader">The reader.</param>
    /// <param name="required">How many fields there always are.</param>
    /// <param name="known">How many are known.</param>
    /// <param name="read">Reads as many of the known fields as there are.</param>
    public static T ReadFields<T>(ref MessagePackReader reader, int required, int known, GrownFieldReader<T> read)
    {
        var count = reader.ReadArrayHeader();
        Require(count >= required);
        var value = read(ref reader, Math.Min(count, known));
        SkipRest(ref reader, known, count);
        return value;
    }

    /// <summary>Writes a file's id as 20 bytes.</summary>
    public static void Write(ref MessagePackWriter writer, FileId fileId)
    {
        writer.WriteBinHeader(FileId.ByteLength);
        fileId.WriteBytes(writer.GetSpan(FileId.ByteLength));
        writer.Advance(FileId.ByteLength);
    }

    /// <summary>Writes a hash as 32 bytes.</summary>
    public static void Write(ref MessagePackWriter writer, Hash256 hash)
    {
        writer.WriteBinHeader(Hash256.ByteLength);
        hash.WriteBytes(writer.GetSpan(Hash256.ByteLength));
        writer.Advance(Hash256.ByteLength);
    }

    /// <summary>Writes a node's handle.</summary>
    public static void Write(ref MessagePackWriter writer, NodeHandle node)
    {
        var encoded = new ArrayBufferWriter<byte>(128);
        node.WriteTo(encoded);
        writer.WriteRaw(encoded.WrittenSpan);
    }

    /// <summary>Reads a node's handle.</summary>
    public static NodeHandle ReadNode(ref MessagePackReader reader)
    {
        var encoded = reader.ReadRaw();
        return NodeHandle.TryRead(ref encoded, out var node) ? node : throw new MessagePackSerializationException("The bytes are no handle of a node.");
    }

    /// <summary>Writes a node's id, or another key of the ring, as 16 bytes.</summary>
    public static void Write(ref MessagePackWriter writer, NodeId node)
    {
        writer.WriteBinHeader(NodeId.ByteLength);
        node.WriteBytes(writer.GetSpan(NodeId.ByteLength));
        writer.Advance(NodeId.ByteLength);
    }

    /// <summary>Reads a node's id, or another key of the ring.</summary>
    public static NodeId ReadNodeId(ref MessagePackReader reader) =>
        NodeId.FromBytes(ReadBytes(ref reader, NodeId.ByteLength, NodeId.ByteLength));

    /// <summary>Reads a file's id.</summary>
    public static FileId ReadFileId(ref MessagePackReader reader)
    {
        var bytes = reader.ReadBytes() ?? throw new MessagePackSerializationException("A file's id is missing.");
        Require(bytes.Length == FileId.ByteLength);
        Span<byte> id = stackalloc byte[FileId.ByteLength];
        bytes.CopyTo(id);
        return FileId.FromBytes(id);
    }

    /// <summary>Reads a hash.</summary>
    public static Hash256 ReadHash(ref MessagePackReader reader) =>
        Hash256.FromBytes(ReadBytes(ref reader, Hash256.ByteLength, Hash256.ByteLength));

    /// <summary>Reads a field of bytes.</summary>
    public static byte[] ReadBytes(ref MessagePackReader reader, int minLength, int maxLength)
    {
        var bytes = reader.ReadBytes() ?? throw new MessagePackSerializationException("A field of bytes is missing.");
        Require(bytes.Length >= minLength && bytes.Length <= maxLength);
        return bytes.ToArray();
    }

    /// <summary>Reads a number within bounds.</summary>
    public static long ReadInteger(ref MessagePackReader reader, long min, long max)
    {
        var value = reader.ReadInt64();
        Require(value >= min && value <= max);
        return value;
    }

    /// <summary>Reads a time in whole milliseconds since 1970.</summary>
    public static DateTimeOffset ReadTime(ref MessagePackReader reader) =>
        DateTimeOffset.FromUnixTimeMilliseconds(ReadInteger(ref reader, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()));

    /// <summary>
    /// Tells whether an exception is how the reader reports malformed bytes: it has its own, and others for lengths and numbers beyond its
    /// reach.
    /// </summary>
    public static bool IsMalformed(Exception exception) =>
        exception is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException;

    /// <summary>Cuts a time to the whole milliseconds that certificates and receipts carry.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static DateTimeOffset WholeMilliseconds(DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, DateTimeOffset.UnixEpoch);
        return DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
    }

    private static void SkipRest(ref MessagePackReader reader, int known, int count)
    {
        for (var field = known; field < count; field++)
        {
            reader.Skip();
        }

        Require(reader.End);
    }

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new MessagePackSerializationException("The fields are not of the form that is defined for them.");
        }
    }
}

/// <summary>Reads the known fields of an array, in their order.</summary>
internal delegate T FieldReader<T>(ref MessagePackReader reader);

/// <summary>Reads as many of the known fields of an array as it has, in their order.</summary>
internal delegate T GrownFieldReader<T>(ref MessagePackReader reader, int count);
