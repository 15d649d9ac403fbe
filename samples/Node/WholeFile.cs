namespace NodeSample;

/// <summary>Writes files that are there whole or not at all.</summary>
internal static class WholeFile
{
    /// <summary>Writes a text in the same way.</summary>
    /// <exception cref="FailedException">The file can't be written.</exception>
    public static Task WriteTextAsync(string path, string text, CancellationToken cancellationToken) =>
        WriteAsync(path, (file, token) => file.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), token), cancellationToken);

    /// <summary>Writes beside the file and renames, so that a failure on the way leaves what was there before.</summary>
    /// <exception cref="FailedException">The file can't be written.</exception>
    public static async Task WriteAsync(string path, Func<Stream, CancellationToken, ValueTask> write, CancellationToken cancellationToken)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}.part";
        try
        {
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.Asynchronous))
            {
                await write(file, cancellationToken);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FailedException($"The file '{path}' can't be written: {exception.Message}");
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
