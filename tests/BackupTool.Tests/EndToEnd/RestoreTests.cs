namespace BackupTool.Tests.EndToEnd;

public sealed class RestoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Source _source;
    private readonly RingFolder _ring;

    public RestoreTests()
    {
        _source = new Source(_folder.In("source"));
        _ring = new RingFolder(_folder.In("ring"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task All_comes_back_on_another_machine_after_as_many_nodes_were_lost_as_there_are_replicas_but_one()
    {
        var machine = await new Machine(_folder, "old", "--local", _ring.Path).BeginAsync();
        var backup = (await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done);
        Assert.Equal(0, backup["problems"]);

        _ring.Lose(1, 3);
        var other = new Machine(_folder, "new", "--local", _ring.Path) { Repository = machine.Repository };
        var restore = (await other.RunAsync("restore", "latest", "--target", _folder.In("target"))).AssertEnded(ExitCode.Done);

        Assert.Equal(backup["files"], restore["files"]);
        _source.AssertRestored(_folder.In("target"));
        (await other.RunAsync("check", "--read-data")).AssertEnded(ExitCode.Done);
    }

    [Fact]
    public async Task A_second_backup_stores_what_has_changed_and_both_come_back()
    {
        var machine = await new Machine(_folder, "machine", "--local", _ring.Path).BeginAsync();
        var first = (await machine.RunAsync("backup", _source.Path, "--tag", "first")).AssertEnded(ExitCode.Done);
        var before = _source.Text;
        var unchanged = (await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done);
        Assert.InRange(unchanged["stored_bytes"], 0, 10_000);

        _source.WriteNoise("new", 100_000);
        _source.Write("folder 5/名前 5.txt", "other");
        File.Delete(_source.In("folder 0/名前 6.txt"));
        var third = (await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done);
        Assert.InRange(third["stored_bytes"], 100_000, 150_000);

        (await machine.RunAsync("restore", "latest", "--target", _folder.In("target"))).AssertEnded(ExitCode.Done);
        _source.AssertRestored(_folder.In("target"));
        (await machine.RunAsync("restore", first.Summary.GetProperty("snapshot").GetString()!, "--target", _folder.In("before"))).AssertEnded(ExitCode.Done);
        Assert.Equal(before, TreeText.Of(_source.RestoredTo(_folder.In("before"))));
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_backed_up_and_only_what_is_wanted_comes_back()
    {
        var machine = await new Machine(_folder, "machine", "--local", _ring.Path).BeginAsync("--replicas", "1");
        _source.Write("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55");
        _source.Write("cache/content", "can be made anew");
        File.WriteAllLines(_folder.In("patterns"), ["# large ones", "/large*", "!large 1"]);
        (await machine.RunAsync("backup", _source.Path, "--exclude", "folder 0", "--exclude-file", _folder.In("patterns"), "--exclude-caches", "--exclude-larger-than", "2M"))
            .AssertEnded(ExitCode.Done);

        (await machine.RunAsync("restore", "--target", _folder.In("all"))).AssertEnded(ExitCode.Done);
        (await machine.RunAsync("restore", "--target", _folder.In("some"), "--include", "名前 1*.txt")).AssertEnded(ExitCode.Done);

        var all = Names("all");
        Assert.DoesNotContain("folder 0", all);
        Assert.DoesNotContain(all, name => name.StartsWith("large", StringComparison.Ordinal) || name.EndsWith("another name", StringComparison.Ordinal));
        Assert.Contains(Path.Combine("cache", "CACHEDIR.TAG"), all);
        Assert.DoesNotContain(Path.Combine("cache", "content"), all);
        Assert.Equal(
            [.. all.Where(name => Path.GetFileName(name).StartsWith("名前 1", StringComparison.Ordinal)).Order()],
            Names("some").Where(name => !name.StartsWith("folder", StringComparison.Ordinal) || name.Contains("名前", StringComparison.Ordinal)).Order());
    }

    [SkippableFact]
    public async Task A_file_that_can_not_be_read_is_named_and_the_rest_is_backed_up()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no pipes among its files.");
        var machine = await new Machine(_folder, "machine", "--local", _ring.Path).BeginAsync("--replicas", "1");
        Assert.Equal(0, Mono.Unix.Native.Syscall.mkfifo(_source.In("pipe"), Mono.Unix.Native.FilePermissions.S_IRUSR));

        var backup = (await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Incomplete);
        Assert.Equal(_source.In("pipe"), Assert.Single(backup.Problems));

        File.Delete(_source.In("pipe"));
        (await machine.RunAsync("restore", "--target", _folder.In("target"))).AssertEnded(ExitCode.Done);
        Assert.Equal(_source.Text.Where(line => !line.StartsWith("pipe", StringComparison.Ordinal)), TreeText.Of(_source.RestoredTo(_folder.In("target"))));
    }

    private List<string> Names(string target)
    {
        var root = _source.RestoredTo(_folder.In(target));
        return [.. Directory.EnumerateFileSystemEntries(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path))];
    }
}
