using System.Buffers;
using MessagePack;

namespace P2P.Pastry.Wire;

/// <summary>
/// Is what stands in a routed message's header behind the fixed fields: a MessagePack array of fields that a message may have or not,
/// [origin or nil, …], filled up with zeros to whole words. Who passes a message on leaves it as it is, whatever it knows of it.
/// </summary>
internal sealed class HeaderExtension
{
    private const int Fields = 1;

    private readonly byte[] _bytes;
    private NodeHandle? _origin;
    private bool _isRead;

    private HeaderExtension(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Who says to have sent the message first, or null where nobody says it in a form that can be read.</summary>
    public NodeHandle? Origin
    {
        get
        {
            if (!_isRead)
            {
                (_origin, _isRead) = (ReadOrigin(_bytes), true);
            }

            return _origin;
        }
    }

    /// <summary>Copies what came in a header; it is read only when somebody asks.</summary>
    public static HeaderExtension Copy(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    /// <summary>Names the origin of a message; the longest of handles takes less than half of the room that a header has.</summary>
    public static HeaderExtension OfOrigin(NodeHandle origin) => new(Encode(origin)) { _origin = origin, _isRead = true };

    private static byte[] Encode(NodeHandle origin)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Fields);
        NodeHandleFormat.Write(ref writer, origin);
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
            return reader.ReadArrayHeader() >= Fields && !reader.TryReadNil() ? NodeHandleFormat.Read(ref reader) : null;
        }
        catch (Exception exception) when (PackReading.IsMalformed(exception))
        {
            return null;
        }
    }
}
