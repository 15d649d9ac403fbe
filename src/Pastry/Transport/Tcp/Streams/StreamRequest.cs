using System.Buffers;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Opens a stream: who opens it, and for which node and application.</summary>
/// <remarks>
/// A MessagePack array: lowest version, highest version, ring, the opener's delegation, destination id, application, and where there is one the opener's
/// certificate.
/// </remarks>
internal sealed record StreamRequest(
    VersionRange Versions,
    string Ring,
    SignedStatement Source,
    NodeId Destination,
    PastryApplicationId Application,
    SignedStatement? Certificate = null)
{
    public const int MaxLength = 8 * 1024;

    private const int Fields = 6;

    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Certificate is null ? Fields : Fields + 1);
        writer.Write(Versions.Min);
        writer.Write(Versions.Max);
        writer.Write(Ring);
        Source.Write(ref writer);
        NodeHandleFormat.WriteId(ref writer, Destination);
        writer.Write(Application.Value);
        Certificate?.Write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no request.</exception>
    public static StreamRequest Read(ReadOnlyMemory<byte> bytes) => WireReading.Read(bytes, "a stream request", static (ref MessagePackReader reader) =>
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= Fields, "A stream request has six fields.");
        var versions = new VersionRange(reader.ReadInt32(), reader.ReadInt32());
        var ring = reader.ReadString() ?? "";
        var source = SignedStatement.Read(ref reader);
        var destination = NodeHandleFormat.ReadId(ref reader);
        var application = new PastryApplicationId(reader.ReadUInt32());
        return new StreamRequest(versions, ring, source, destination, application, WireReading.ReadOptional(ref reader, fields > Fields));
    });
}
