using System.Buffers;
using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>Reads and writes the fields of messages and signed statements. What is read anybody may have written: each bound is checked before anything is copied.</summary>
internal static class Fields
{
    /// <summary>The highest number that a batch can have: no group gets there, and one more is still a number.</summary>
    public const ulong NumberMax = 1UL << 62;

    private const int StatementFieldCount = 3;

    /// <summary>Reads a signed statement that fills <paramref name="encoded"/> exactly.</summary>
    public static SignedStatement ReadStatement(in ReadOnlySequence<byte> encoded, int maxLength)
    {
        Require(encoded.Length <= maxLength);

        // The envelope is final and has no room to grow: what is unknown belongs into the body, under the signature.
        Require(new MessagePackReader(encoded).ReadArrayHeader() == StatementFieldCount);
        var rest = encoded;
        return SignedStatement.TryRead(ref rest, out var statement) && rest.IsEmpty ? statement : throw Malformed();
    }

    /// <summary>Reads an array of fields: those that are known, then skips those that a later release added. Nothing follows the array.</summary>
    public static T ReadAll<T>(ref MessagePackReader reader, int known, FieldReader<T> read)
    {
        var value = ReadArray(ref reader, known, read);
        Require(reader.End);
        return value;
    }

    /// <summary>Reads an array of fields of which the last known ones came later, so that they may be missing. Nothing follows the array.</summary>
    public static T ReadAll<T>(ref MessagePackReader reader, int required, int known, GrownFieldReader<T> read)
    {
        var value = ReadArray(ref reader, required, known, read);
        Require(reader.End);
        return value;
    }

    /// <summary>Reads an array of fields: those that are known, then skips those that a later release added.</summary>
    public static T ReadArray<T>(ref MessagePackReader reader, int known, FieldReader<T> read)
    {
        var count = reader.ReadArrayHeader();
        Require(count >= known);
        var value = read(ref reader);
        Skip(ref reader, count - known);
        return value;
    }

    /// <summary>Reads an array of fields of which the last known ones came later, so that they may be missing.</summary>
    public static T ReadArray<T>(ref MessagePackReader reader, int required, int known, GrownFieldReader<T> read)
    {
        var count = reader.ReadArrayHeader();
        Require(count >= required);
        var value = read(ref reader, count);
        Skip(ref reader, count - known);
        return value;
    }

    /// <summary>Reads a list of so many items at most.</summary>
    public static T[] ReadList<T>(ref MessagePackReader reader, int countMax, FieldReader<T> read)
    {
        var count = reader.ReadArrayHeader();
        Require(count <= countMax);
        var items = count == 0 ? [] : new T[count];
        for (var i = 0; i < count; i++)
        {
            items[i] = read(ref reader);
        }

        return items;
    }

    public static void Write(ref MessagePackWriter writer, NodeId id)
    {
        writer.WriteBinHeader(NodeId.ByteLength);
        id.WriteBytes(writer.GetSpan(NodeId.ByteLength));
        writer.Advance(NodeId.ByteLength);
    }

    public static NodeId ReadNodeId(ref MessagePackReader reader)
    {
        Span<byte> id = stackalloc byte[NodeId.ByteLength];
        var bytes = reader.ReadBytes() ?? throw Malformed();
        Require(bytes.Length == id.Length);
        bytes.CopyTo(id);
        return NodeId.FromBytes(id);
    }

    public static void Write(ref MessagePackWriter writer, GroupId group) => Write(ref writer, group.Key);

    public static GroupId ReadGroup(ref MessagePackReader reader) => new(ReadNodeId(ref reader));

    public static void Write(ref MessagePackWriter writer, NodeHandle node)
    {
        var encoded = new ArrayBufferWriter<byte>(128);
        node.WriteTo(encoded);
        writer.WriteRaw(encoded.WrittenSpan);
    }

    public static NodeHandle ReadNode(ref MessagePackReader reader)
    {
        var encoded = reader.ReadRaw();
        return NodeHandle.TryRead(ref encoded, out var node) ? node : throw Malformed();
    }

    /// <summary>Reads the number of a batch: <see cref="NumberMax"/> at most.</summary>
    public static ulong ReadNumber(ref MessagePackReader reader)
    {
        var number = reader.ReadUInt64();
        Require(number <= NumberMax);
        return number;
    }

    public static GroupPosition ReadPosition(ref MessagePackReader reader) => new(reader.ReadUInt32(), ReadNumber(ref reader));

    public static byte[] ReadBytes(ref MessagePackReader reader, int minLength, int maxLength)
    {
        var bytes = reader.ReadBytes() ?? throw Malformed();
        Require(bytes.Length >= minLength && bytes.Length <= maxLength);
        return bytes.ToArray();
    }

    public static int ReadInteger(ref MessagePackReader reader, int min, int max)
    {
        var value = reader.ReadInt64();
        Require(value >= min && value <= max);
        return (int)value;
    }

    public static T ReadEnum<T>(ref MessagePackReader reader, T max)
        where T : struct, Enum
    {
        var value = ReadInteger(ref reader, 0, Convert.ToInt32(max, System.Globalization.CultureInfo.InvariantCulture));
        return (T)Enum.ToObject(typeof(T), value);
    }

    /// <summary>Reads a time in whole milliseconds since 1970.</summary>
    public static DateTimeOffset ReadTime(ref MessagePackReader reader)
    {
        var value = reader.ReadInt64();
        Require(value >= 0 && value <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());
        return DateTimeOffset.FromUnixTimeMilliseconds(value);
    }

    /// <summary>Cuts a time to the whole milliseconds that statements carry.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
    public static DateTimeOffset WholeMilliseconds(DateTimeOffset time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, DateTimeOffset.UnixEpoch);
        return DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());
    }

    /// <summary>
    /// Tells whether an exception is how the reader reports malformed bytes: it has its own, and others for lengths and numbers beyond its
    /// reach.
    /// </summary>
    public static bool IsMalformed(Exception exception) =>
        exception is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException;

    public static void Require(bool condition)
    {
        if (!condition)
        {
            throw Malformed();
        }
    }

    private static void Skip(ref MessagePackReader reader, int count)
    {
        for (var field = 0; field < count; field++)
        {
            reader.Skip();
        }
    }

    private static MessagePackSerializationException Malformed() => new("The fields are not of the form that is defined for them.");
}

/// <summary>Reads a value from its fields, in their order.</summary>
internal delegate T FieldReader<T>(ref MessagePackReader reader);

/// <summary>Reads a value from as many of its fields as there are, in their order.</summary>
internal delegate T GrownFieldReader<T>(ref MessagePackReader reader, int count);
