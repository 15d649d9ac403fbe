using System.Buffers;
using MessagePack;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Accepts or refuses a stream, and proves the node that it reached.</summary>
/// <remarks>A MessagePack array: verdict, lowest version, highest version, the destination's delegation or nil, and where there is one its certificate.</remarks>
internal sealed record StreamAnswer(Verdict Verdict, VersionRange Versions, SignedStatement? Destination, SignedStatement? Certificate = null)
{
    public const int MaxLength = 8 * 1024;

    private const int Fields = 4;

    public byte[] ToBytes()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(Certificate is null ? Fields : Fields + 1);
        writer.Write((int)Verdict);
        writer.Write(Versions.Min);
        writer.Write(Versions.Max);
        if (Destination is null)
        {
            writer.WriteNil();
        }
        else
        {
            Destination.Write(ref writer);
        }

        Certificate?.Write(ref writer);

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">The bytes are no answer.</exception>
    public static StreamAnswer Read(ReadOnlyMemory<byte> bytes) => WireReading.Read(bytes, "a stream answer", static (ref MessagePackReader reader) =>
    {
        var fields = reader.ReadArrayHeader();
        NodeHandleFormat.Require(fields >= Fields, "A stream answer has four fields.");
        var verdict = (Verdict)reader.ReadInt32();
        var versions = new VersionRange(reader.ReadInt32(), reader.ReadInt32());
        var destination = reader.TryReadNil() ? null : SignedStatement.Read(ref reader);
        return new StreamAnswer(verdict, versions, destination, WireReading.ReadOptional(ref reader, fields > Fields));
    });
}
