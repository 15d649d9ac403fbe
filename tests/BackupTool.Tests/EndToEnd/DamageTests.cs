namespace BackupTool.Tests.EndToEnd;

public sealed class DamageTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Source _source;
    private readonly RingFolder _ring;

    public DamageTests()
    {
        _source = new Source(_folder.In("source"));
        _ring = new RingFolder(_folder.In("ring"));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task From_a_damaged_replica_nothing_is_restored_but_from_another_one()
    {
        var machine = await BackUpAsync();
        _ring.DamageLargest(replicas: 2);

        (await machine.RunAsync("restore", "latest", "--target", _folder.In("target"))).AssertEnded(ExitCode.Done);

        _source.AssertRestored(_folder.In("target"));
    }

    [Fact]
    public async Task A_check_of_all_data_finds_a_damaged_replica_and_makes_it_anew()
    {
        var machine = await BackUpAsync();
        _ring.DamageLargest(replicas: 1);

        var check = (await machine.RunAsync("check", "--read-data")).AssertEnded(ExitCode.Done);
        var again = (await machine.RunAsync("check", "--read-data")).AssertEnded(ExitCode.Done);

        Assert.Equal((1, 1), (check["damaged_replicas"], check["healed_replicas"]));
        Assert.Equal(0, again["damaged_replicas"]);
    }

    [Fact]
    public async Task Files_of_a_pack_that_is_damaged_everywhere_are_named_and_the_rest_comes_back()
    {
        // More than fits into one pack.
        for (var i = 2; i < 8; i++)
        {
            _source.WriteNoise($"large {i}", 4_000_000);
        }

        var machine = await BackUpAsync();
        _ring.DamageLargest(replicas: 3);

        var restore = (await machine.RunAsync("restore", "latest", "--target", _folder.In("target"))).AssertEnded(ExitCode.Incomplete);
        var check = (await machine.RunAsync("check", "--read-data")).AssertEnded(ExitCode.Failed);

        Assert.True(check["problems"] > 0);
        var lost = restore.Problems.Select(path => Path.GetRelativePath(_source.PathOf(""), path)).ToHashSet();
        Assert.NotEmpty(lost);
        Assert.Contains(lost, name => name.StartsWith("large", StringComparison.Ordinal));
        Assert.Equal(
            _source.Text.Where(line => !lost.Any(name => line.StartsWith($"{name} ", StringComparison.Ordinal))),
            TreeText.Of(_source.RestoredTo(_folder.In("target"))));
    }

    private async Task<Machine> BackUpAsync()
    {
        var machine = await new Machine(_folder, "machine", "--local", _ring.Path).BeginAsync();
        (await machine.RunAsync("backup", _source.Path)).AssertEnded(ExitCode.Done);
        return machine;
    }
}
