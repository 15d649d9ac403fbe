using System.Globalization;
using Mono.Unix.Native;

namespace BackupTool.Tests.EndToEnd;

/// <summary>Is a folder to back up, with all sorts of files.</summary>
internal sealed class Source
{
    private readonly Random _random = new(7);

    public Source(string path, int largeFiles = 2, int largeBytes = 3_000_000)
    {
        Path = path;
        for (var i = 0; i < 60; i++)
        {
            Write($"folder {i % 6}/名前 {i}.txt", string.Concat(Enumerable.Repeat(string.Create(CultureInfo.InvariantCulture, $"line {i} of a text\n"), i * 7)));
        }

        Directory.CreateDirectory(In("empty folder"));
        Write("empty file", "");
        File.CreateSymbolicLink(In("dangling"), "no/where");
        File.CreateSymbolicLink(In("link"), "folder 0");
        for (var i = 0; i < largeFiles; i++)
        {
            WriteNoise($"large {i}", largeBytes);
        }

        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Assert.Equal(0, Syscall.link(In("large 0"), In("folder 1/another name")));
        SetTime("folder 2/名前 2.txt", -86_400, 123_456_789);
        SetTime("dangling", 1_000_000_000, 1);
        Assert.Equal(0, Syscall.chmod(In("folder 3/名前 3.txt"), FilePermissions.S_IRUSR));
        Assert.Equal(0, Syscall.chmod(In("folder 3"), FilePermissions.S_IRUSR | FilePermissions.S_IXUSR | FilePermissions.S_IXOTH));
        SetTime("folder 4", 1_234_567_890, 987_654_321);
    }

    public string Path { get; }

    public IReadOnlyList<string> Text => TreeText.Of(Path);

    public string In(string name) => System.IO.Path.Combine([Path, .. name.Split('/')]);

    public void Write(string name, string content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(In(name))!);
        File.WriteAllText(In(name), content);
    }

    /// <summary>Writes what can't be compressed.</summary>
    public void WriteNoise(string name, int length)
    {
        var content = new byte[length];
        _random.NextBytes(content);
        File.WriteAllBytes(In(name), content);
    }

    /// <summary>Gives the folder below a restore's target that it came to lie in.</summary>
    public string RestoredTo(string target) => System.IO.Path.Join(target, Path[System.IO.Path.GetPathRoot(Path)!.Length..]);

    /// <summary>Gives an entry's path as the tool prints it.</summary>
    public string PathOf(string name) => $"{Path.Replace('\\', '/')}/{name}".TrimStart('/');

    public void AssertRestored(string target) => Assert.Equal(Text, TreeText.Of(RestoredTo(target)));

    private void SetTime(string name, long seconds, long nanoseconds)
    {
        Timespec time = new() { tv_sec = seconds, tv_nsec = nanoseconds };
        Assert.Equal(0, Syscall.utimensat(Syscall.AT_FDCWD, In(name), [time, time], AtFlags.AT_SYMLINK_NOFOLLOW));
    }
}
