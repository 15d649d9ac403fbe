namespace YouServ.Tests.Dns;

internal static class Bytes
{
    /// <summary>Prints bytes for a person to read.</summary>
    public static string Dump(byte[] bytes) => string.Join('\n', bytes.Chunk(16).Select(line =>
        $"{string.Join(' ', line.Select(value => $"{value:x2}")),-48}  {string.Concat(line.Select(value => value is > 32 and < 127 ? (char)value : '.'))}"));
}
