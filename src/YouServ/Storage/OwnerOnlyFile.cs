using System.Text;

namespace P2P.YouServ.Storage;

/// <summary>Writes files that nobody but the user may read.</summary>
internal static class OwnerOnlyFile
{
    /// <summary>Writes a file, durably, in place of one of that name.</summary>
    public static void Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Write(string, string)"/>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // The rights of a file that is there already would stay.
        var next = $"{path}.next";
        File.Delete(next);
        using (var file = new FileStream(next, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
