namespace BackupTool.Tests.EndToEnd;

public sealed class RefusalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_wrong_passphrase_an_unknown_repository_and_a_silent_ring_are_told_apart()
    {
        var ring = _folder.In("ring");
        var machine = await new Machine(_folder, "machine", "--local", ring).BeginAsync("--replicas", "1");
        var wrong = new Machine(_folder, "wrong", "--local", ring) { Repository = machine.Repository, Passphrase = "another" };
        var lost = new Machine(_folder, "lost", "--local", ring) { Repository = new string('0', 40) };
        var silent = new Machine(_folder, "silent", "--bootstrap", "127.0.0.1:1") { Repository = machine.Repository };

        (await wrong.RunAsync("snapshots")).AssertFailed(ExitCode.WrongPassphrase, "passphrase");
        (await lost.RunAsync("snapshots")).AssertFailed(ExitCode.NoRepository, "no repository");
        (await silent.RunAsync("snapshots")).AssertFailed(ExitCode.RingUnavailable, "Nobody answers at 127.0.0.1:1");
        (await machine.RunAsync("snapshots")).AssertEnded(ExitCode.Done);
    }

    [Theory]
    [InlineData("give", "'give' is not understood")]
    [InlineData("backup missing", "'missing' does not exist")]
    [InlineData("--capacity 10Q snapshots", "'10Q' is not a size")]
    [InlineData("--repo 1234 snapshots", "'1234' is not 40 hexadecimal digits")]
    [InlineData("snapshots", "Which repository?")]
    [InlineData("forget", "Name snapshots to forget")]
    [InlineData("init --replicas 0", "expected 1 to 17")]
    public async Task What_makes_no_sense_is_a_usage_error(string arguments, string reason)
    {
        var machine = new Machine(_folder, "machine", "--local", _folder.In("ring"));

        (await machine.RunAsync(arguments.Split(' '))).AssertFailed(ExitCode.Usage, reason);

        Assert.False(Directory.Exists(_folder.In("ring")));
    }

    [Fact]
    public async Task A_ring_that_is_full_says_so_and_what_it_holds_still_comes_back()
    {
        var source = new Source(_folder.In("source"), largeFiles: 1, largeBytes: 1_000_000);
        var machine = await new Machine(_folder, "machine", "--local", _folder.In("ring"), "--nodes", "3", "--capacity", "24M").BeginAsync();
        (await machine.RunAsync("backup", source.Path)).AssertEnded(ExitCode.Done);
        var before = source.Text;

        source.WriteNoise("too large", 60_000_000);
        (await machine.RunAsync("backup", source.Path)).AssertFailed(ExitCode.RingUnavailable, "room");

        (await machine.RunAsync("restore", "latest", "--target", _folder.In("target"))).AssertEnded(ExitCode.Done);
        Assert.Equal(before.Where(line => !line.StartsWith("too large", StringComparison.Ordinal)), TreeText.Of(source.RestoredTo(_folder.In("target"))));
    }
}
