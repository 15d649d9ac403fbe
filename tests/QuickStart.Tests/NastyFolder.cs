using YouServ.Tests;

namespace QuickStart.Tests;

/// <summary>Is a folder that has everything in it that programs stumble over.</summary>
internal sealed class NastyFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public NastyFolder()
    {
        Directory.CreateDirectory(_folder.In("an empty folder"));
        Directory.CreateDirectory(_folder.In("Ünïcödé 文件夹", "ещё одна"));
        File.WriteAllText(_folder.In("an empty file"), "");
        File.WriteAllText(_folder.In("Ünïcödé 文件夹", "ein Brief – 手紙.txt"), "Grüße, 世界! Nur hier steht Zwetschgenkuchen.\n");
        File.WriteAllText(_folder.In("ein anderer.md"), "# Noch ein Rezept für ZWETSCHGENKUCHEN\n");
        File.WriteAllText(_folder.In("broken.docx"), "This is no document.");
        File.WriteAllText(_folder.In(".hidden.txt"), "zwetschgenkuchen");
        var random = new byte[300_000];
        new Random(1).NextBytes(random);
        File.WriteAllBytes(_folder.In("Ünïcödé 文件夹", "ещё одна", "random.bin"), random);
        File.CreateSymbolicLink(_folder.In("out of here"), System.IO.Path.GetTempPath());
        File.CreateSymbolicLink(_folder.In("nowhere"), _folder.In("is not there"));
        if (!OperatingSystem.IsWindows())
        {
            File.WriteAllText(_folder.In("back\\slash and\nline.txt"), "x");
        }
    }

    public string Path => _folder.Path;

    public void Dispose() => _folder.Dispose();
}
