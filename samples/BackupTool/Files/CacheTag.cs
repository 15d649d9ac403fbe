namespace BackupTool.Files;

/// <summary>Knows the file by which programs mark folders whose content they can make anew (the Cache Directory Tagging Specification).</summary>
internal static class CacheTag
{
    public const string Name = "CACHEDIR.TAG";

    private static ReadOnlySpan<byte> Signature => "Signature: 8a477f597d28d172789f06886806bc55"u8;

    /// <summary>Tells whether a file of that name begins as the specification demands, so that others of the name mark nothing.</summary>
    public static bool IsAt(string path)
    {
        try
        {
            using var file = SourceFile.Open(path);
            Span<byte> begin = stackalloc byte[Signature.Length];
            var length = 0;
            while (length < begin.Length && file.Read(begin[length..]) is > 0 and var read)
            {
                length += read;
            }

            return begin[..length].SequenceEqual(Signature);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
