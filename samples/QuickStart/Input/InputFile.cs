namespace QuickStart.Input;

/// <summary>Names one file of the folder that the tour is about.</summary>
/// <param name="Name">The path within the folder, with slashes.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Length">Its bytes, when the folder was read.</param>
internal sealed record InputFile(string Name, string Path, long Length)
{
    /// <summary>Opens it for reading. What has no bytes is not opened at all: a pipe among the files would be waited on for ever.</summary>
    public Stream Open() => Length == 0 ? Stream.Null : new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1 << 16, FileOptions.Asynchronous);
}
