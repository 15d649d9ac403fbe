using System.Buffers;
using MessagePack;
using P2P.Pastry;

namespace P2P.Scribe.Wire;

/// <summary>
/// Is what SCRIBE's nodes say to each other: a byte for the version and one for the kind, then a MessagePack array of fields that only ever grows
/// at its end. <see cref="BatchMessage"/> alone has a form of its own.
/// </summary>
internal abstract class ScribeMessage : PayloadContent
{
    public const byte Version = 1;

    public abstract ScribeMessageKind Kind { get; }

    public override void WriteTo(IBufferWriter<byte> writer)
    {
        var head = writer.GetSpan(2);
        head[0] = Version;
        head[1] = (byte)Kind;
        writer.Advance(2);
        var pack = new MessagePackWriter(writer);
        WriteFields(ref pack);
        pack.Flush();
    }

    /// <summary>Writes the array of fields.</summary>
    protected abstract void WriteFields(ref MessagePackWriter writer);
}
