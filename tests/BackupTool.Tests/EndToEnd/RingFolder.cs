namespace BackupTool.Tests.EndToEnd;

/// <summary>Is the folder of a ring on one machine, and what can happen to it.</summary>
internal sealed class RingFolder(string path)
{
    /// <summary>Replicas below this length lie in a database, larger ones are files.</summary>
    private const int FileBytesMin = 64 * 1024;

    public string Path { get; } = path;

    /// <summary>The bytes that all nodes hold of large files.</summary>
    public long LargeBytes => LargeFiles().Sum(replica => replica.Length);

    /// <summary>Loses the folders of some nodes.</summary>
    public void Lose(params int[] nodes)
    {
        foreach (var node in nodes)
        {
            Directory.Delete(System.IO.Path.Combine(Path, $"node-{node}"), recursive: true);
        }
    }

    /// <summary>Changes a byte in the middle of the largest file, at so many of the nodes that hold it.</summary>
    public void DamageLargest(int replicas)
    {
        var largest = LargeFiles().GroupBy(replica => replica.Name).OrderByDescending(file => file.First().Length).First();
        foreach (var replica in largest.Take(replicas))
        {
            using var stream = replica.Open(FileMode.Open, FileAccess.ReadWrite);
            stream.Position = replica.Length / 2;
            var value = stream.ReadByte();
            stream.Position--;
            stream.WriteByte((byte)~value);
        }
    }

    private IEnumerable<FileInfo> LargeFiles() =>
        new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => file.Directory!.Parent is { Name: "replicas", Parent.Name: "replicas" } && file.Length >= FileBytesMin);
}
