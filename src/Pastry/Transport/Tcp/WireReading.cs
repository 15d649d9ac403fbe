using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Reads what strangers wrote: whatever is wrong with it becomes one kind of exception.</summary>
internal static class WireReading
{
    /// <exception cref="InvalidDataException">The bytes are not what they should be.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> bytes, string what, PackReading.Reader<T> read)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            return read(ref reader);
        }
        catch (Exception exception) when (PackReading.IsMalformed(exception))
        {
            throw new InvalidDataException($"What should be {what} can't be read.", exception);
        }
    }

    /// <summary>Reads a statement from a field that was added later, and may be missing or nil.</summary>
    public static SignedStatement? ReadOptional(ref MessagePackReader reader, bool isThere) =>
        isThere && !reader.TryReadNil() ? SignedStatement.Read(ref reader) : null;
}
