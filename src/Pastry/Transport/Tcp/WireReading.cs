using MessagePack;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Reads what strangers wrote: whatever is wrong with it becomes one kind of exception.</summary>
internal static class WireReading
{
    public delegate T Reader<out T>(ref MessagePackReader reader);

    /// <exception cref="InvalidDataException">The bytes are not what they should be.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> bytes, string what, Reader<T> read)
    {
        try
        {
            var reader = new MessagePackReader(bytes);
            return read(ref reader);
        }
        catch (Exception exception) when (exception is MessagePackSerializationException or EndOfStreamException or OverflowException or ArgumentException)
        {
            throw new InvalidDataException($"What should be {what} can't be read.", exception);
        }
    }
}
