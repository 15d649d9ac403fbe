namespace P2P.Pastry;

/// <summary>Writes files that only their owner may read, and that are there whole or not at all.</summary>
internal static class OwnerFile
{
    /// <summary>Writes beside the file, flushes, and renames, so that a failure on the way leaves what was there before.</summary>
    /// <exception cref="IOException">It can't be written, or is there already and may not be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var temporary = TemporaryOf(path);
        try
        {
            var file = new FileStream(temporary, Options(FileOptions.Asynchronous));
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Writes a file that is not there yet, in the same way.</summary>
    /// <exception cref="IOException">It can't be written, or is there already.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public static void Create(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = TemporaryOf(path);
        try
        {
            using (var file = new FileStream(temporary, Options(FileOptions.None)))
            {
                file.Write(bytes);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: false);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static string TemporaryOf(string path) => $"{path}.{Path.GetRandomFileName()}.tmp";

    private static FileStreamOptions Options(FileOptions options)
    {
        var file = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, Options = options };
        if (!OperatingSystem.IsWindows())
        {
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return file;
    }
}
