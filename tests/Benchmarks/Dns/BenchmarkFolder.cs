namespace Benchmarks.Dns;

/// <summary>Is a folder that goes when the benchmark ends. It lies beside the program, since a folder for temporary files may be in memory, where nothing is durable.</summary>
internal sealed class BenchmarkFolder : IDisposable
{
    private readonly string _path = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"dns-{Guid.NewGuid():n}")).FullName;

    public string PathOf(string name) => Path.Combine(_path, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
