using System.Globalization;
using System.Text;

namespace Benchmarks.Backup;

/// <summary>Is a folder to back up, the same on each machine: small files of text like a program's sources, and some large files, half of which can't be compressed.</summary>
internal sealed class SourceTree
{
    public const int SmallFiles = 5000;

    private const int SmallBytesMin = 500;
    private const int SmallBytesMax = 20_000;
    private const int LargeFiles = 4;
    private const int LargeBytes = 50_000_000;
    private const int FilesPerFolder = 50;
    private const int Links = 20;
    private const int Changed = 100;
    private const int Added = 10;
    private const int ChangedBytes = 1_000_000;

    private readonly Random _random = new(1);
    private readonly string[] _words;
    private readonly List<string> _small = [];
    private int _made;

    public SourceTree(string path)
    {
        Path = path;
        _words = [.. Enumerable.Range(0, 4000).Select(_ => Word())];
        for (var i = 0; i < SmallFiles; i++)
        {
            AddSmall();
        }

        for (var i = 0; i < LargeFiles; i++)
        {
            File.WriteAllBytes(LargeFile(i), i % 2 == 0 ? Text(LargeBytes) : Noise(LargeBytes));
        }

        for (var i = 0; i < Links; i++)
        {
            File.CreateSymbolicLink(In($"link {i}"), System.IO.Path.GetRelativePath(path, _small[i]));
        }
    }

    public string Path { get; }

    public long Bytes => new DirectoryInfo(Path).EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.LinkTarget is null).Sum(file => file.Length);

    /// <summary>Does a day's work: changes some small files, adds and removes a few, and changes a megabyte in the middle of a large one.</summary>
    public void Change()
    {
        for (var i = 0; i < Changed; i++)
        {
            File.AppendAllText(_small[_random.Next(Links, _small.Count)], Encoding.ASCII.GetString(Text(200)));
        }

        for (var i = 0; i < Added; i++)
        {
            var removed = _random.Next(Links, _small.Count);
            File.Delete(_small[removed]);
            _small.RemoveAt(removed);
            AddSmall();
        }

        using var large = File.OpenWrite(LargeFile(_random.Next(LargeFiles)));
        large.Seek(LargeBytes / 2, SeekOrigin.Begin);
        large.Write(Noise(ChangedBytes));
    }

    private void AddSmall()
    {
        var number = _made++;
        var folder = Directory.CreateDirectory(In($"folder {number / FilesPerFolder / 10}", $"part {number / FilesPerFolder}")).FullName;
        var file = System.IO.Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"source {number}.cs"));
        File.WriteAllBytes(file, Text((int)(SmallBytesMin * Math.Pow((double)SmallBytesMax / SmallBytesMin, _random.NextDouble()))));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, number % 7 == 0 ? (UnixFileMode)0x1E8 : (UnixFileMode)0x1A4);
        }

        File.SetLastWriteTimeUtc(file, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddTicks(number * 36_000_000_123L));
        _small.Add(file);
    }

    private string LargeFile(int number) => In($"large {number}");

    private string In(params string[] names) => System.IO.Path.Combine([Path, .. names]);

    private string Word() => string.Concat(Enumerable.Range(0, _random.Next(2, 12)).Select(_ => (char)_random.Next('a', 'z' + 1)));

    private byte[] Text(int length)
    {
        var text = new byte[length];
        for (var at = 0; at < length;)
        {
            // Few words are frequent, as in languages.
            var word = _words[(int)(_words.Length * Math.Pow(_random.NextDouble(), 3))];
            var end = Math.Min(word.Length, length - at);
            Encoding.ASCII.GetBytes(word.AsSpan(0, end), text.AsSpan(at));
            at += end;
            if (at < length)
            {
                text[at++] = _random.Next(9) == 0 ? (byte)'\n' : (byte)' ';
            }
        }

        return text;
    }

    private byte[] Noise(int length)
    {
        var noise = new byte[length];
        _random.NextBytes(noise);
        return noise;
    }
}
