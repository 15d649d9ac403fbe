using System.Buffers;
using System.Text;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Wire;

/// <summary>Writes messages as bytes, and bytes as text that people approve.</summary>
internal static class Bytes
{
    public static byte[] Of(in Message message)
    {
        var writer = new ArrayBufferWriter<byte>();
        MessageFormat.Write(writer, message);
        return writer.WrittenSpan.ToArray();
    }

    public static string Dump(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var rest = bytes; !rest.IsEmpty; rest = rest[Math.Min(16, rest.Length)..])
        {
            var line = rest[..Math.Min(16, rest.Length)].ToArray();
            var hex = string.Join(' ', line.Select(value => value.ToString("x2", null)));
            var characters = string.Concat(line.Select(value => value is >= 0x20 and < 0x7F ? (char)value : '.'));
            text.Append("  ").Append(hex.PadRight(49)).Append(characters).Append('\n');
        }

        return text.ToString();
    }
}
