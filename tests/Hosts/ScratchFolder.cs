namespace Hosts;

/// <summary>
/// Is where a run keeps its files; it is removed at the end. Its name says which process made it, so that the next run finds what one that was
/// killed has left. Sockets lie within, so the path is short.
/// </summary>
internal sealed class ScratchFolder : IDisposable
{
    private const string Prefix = "p2p-hosts-";

    public ScratchFolder()
    {
        foreach (var left in Directory.GetDirectories(System.IO.Path.GetTempPath(), Prefix + "*"))
        {
            if (!Directory.Exists($"/proc/{System.IO.Path.GetFileName(left)[Prefix.Length..]}"))
            {
                Directory.Delete(left, recursive: true);
            }
        }

        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"{Prefix}{Environment.ProcessId}");
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
