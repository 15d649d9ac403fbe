using System.Text.Json;

namespace BackupTool.Tests.EndToEnd;

public sealed class UpkeepTests : IDisposable
{
    private const int NoiseBytes = 2_000_000;

    private readonly TemporaryFolder _folder = new();
    private readonly Source _source;
    private readonly RingFolder _ring;

    public UpkeepTests()
    {
        _source = new Source(_folder.In("source"), largeFiles: 1, largeBytes: 500_000);
        _ring = new RingFolder(_folder.In("ring"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_was_added_removed_and_changed_between_two_snapshots_is_listed()
    {
        var machine = await new Machine(_folder, "machine", "--local", _ring.Path).BeginAsync("--replicas", "1");
        var before = Name((await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done));
        _source.Write("added", "12345");
        _source.Write("folder 5/名前 5.txt", "changed");
        File.Delete(_source.In("folder 0/名前 6.txt"));
        File.SetLastWriteTimeUtc(_source.In("empty file"), DateTime.UnixEpoch);
        File.Delete(_source.In("dangling"));
        _source.Write("dangling", "a file now");
        var after = Name((await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done));

        var diff = (await machine.RunAsync("diff", before, after)).AssertEnded(ExitCode.Done);

        Assert.Equal(
            ["added added", "content folder 5/名前 5.txt", "kind dangling", "metadata empty file", "removed folder 0/名前 6.txt"],
            diff.All("difference")
                .Select(line => $"{line.GetProperty("difference").GetString()} {Relative(line)}")
                .Where(line => !line.EndsWith('/'))
                .Order(StringComparer.Ordinal));
        Assert.Equal((1, 1, 2), (diff["added"], diff["removed"], diff["changed"]));
    }

    [Fact]
    public async Task A_snapshot_is_listed_with_what_is_in_it()
    {
        var machine = await new Machine(_folder, "machine", "--local", _ring.Path).BeginAsync("--replicas", "1");
        var backup = (await machine.RunAsync("backup", _source.Path, "--tag", "work", "--host", "desk")).AssertEnded(ExitCode.Done);

        var all = (await machine.RunAsync("ls")).AssertEnded(ExitCode.Done);
        var some = (await machine.RunAsync("ls", "latest", "/" + _source.PathOf("folder 2"))).AssertEnded(ExitCode.Done);
        var snapshots = (await machine.RunAsync("snapshots")).AssertEnded(ExitCode.Done);

        Assert.Equal((backup["files"], backup["bytes"]), (all["files"], all["bytes"]));
        Assert.Equal(10, some["files"]);
        var entry = some.All("entry").Single(line => Relative(line) == "folder 2/名前 2.txt");
        Assert.Equal(("file", new FileInfo(_source.In("folder 2/名前 2.txt")).Length), (entry.GetProperty("kind").GetString(), entry.GetProperty("length").GetInt64()));
        Assert.True(OperatingSystem.IsWindows() || entry.GetProperty("modified_ns").GetInt64() == (-86_400L * 1_000_000_000) + 123_456_789);
        Assert.Contains(snapshots.Lines, line => line.Contains("desk", StringComparison.Ordinal) && line.Contains("work", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_forgotten_and_pruned_frees_its_room_and_what_is_kept_comes_back()
    {
        var machine = await new Machine(_folder, "machine", "--local", _ring.Path).BeginAsync();
        _source.WriteNoise("old", NoiseBytes);
        (await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done);
        File.Delete(_source.In("old"));
        _source.WriteNoise("tagged", NoiseBytes);
        var tagged = Name((await machine.RunAsync("backup", _source.Path, "--tag", "keep")).AssertEnded(ExitCode.Done));
        var atTag = _source.Text;
        File.Delete(_source.In("tagged"));
        _source.WriteNoise("new", NoiseBytes);
        (await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done);
        var full = _ring.LargeBytes;

        var dry = (await machine.RunAsync("forget", "--keep-last", "1", "--keep-tag", "keep", "--prune", "--dry-run")).AssertEnded(ExitCode.Done);
        Assert.Equal(3, (await machine.RunAsync("check")).AssertEnded(ExitCode.Done)["snapshots"]);
        Assert.Equal(full, _ring.LargeBytes);
        var forget = (await machine.RunAsync("forget", "--keep-last", "1", "--keep-tag", "keep")).AssertEnded(ExitCode.Done);
        var plan = (await machine.RunAsync("prune", "--dry-run")).AssertEnded(ExitCode.Done);
        var prune = (await machine.RunAsync("prune")).AssertEnded(ExitCode.Done);
        var nothing = (await machine.RunAsync("prune")).AssertEnded(ExitCode.Done);

        Assert.Equal(2, forget.All("forgotten").Single().GetProperty("kept").GetInt32());
        Assert.Equal(2, dry.All("forgotten").Single().GetProperty("kept").GetInt32());
        Assert.InRange(prune["freed_bytes"], NoiseBytes * 9 / 10, NoiseBytes * 12 / 10);
        Assert.Equal(plan["freed_bytes"], prune["freed_bytes"]);
        Assert.Equal(0, nothing["freed_bytes"]);
        Assert.InRange(full - _ring.LargeBytes, 3L * NoiseBytes * 9 / 10, 3L * NoiseBytes * 12 / 10);
        (await machine.RunAsync("check", "--read-data")).AssertEnded(ExitCode.Done);
        (await machine.RunAsync("restore", "latest", "--target", _folder.In("last"))).AssertEnded(ExitCode.Done);
        (await machine.RunAsync("restore", tagged, "--target", _folder.In("tagged"))).AssertEnded(ExitCode.Done);
        _source.AssertRestored(_folder.In("last"));
        Assert.Equal(atTag, TreeText.Of(_source.RestoredTo(_folder.In("tagged"))));
    }

    private static string Name(Outcome backup) => backup.Summary.GetProperty("snapshot").GetString()!;

    private string Relative(JsonElement line)
    {
        var path = line.GetProperty("path").GetString()!.TrimStart('/');
        return path.StartsWith(_source.PathOf(""), StringComparison.Ordinal) ? path[_source.PathOf("").Length..] : path;
    }
}
