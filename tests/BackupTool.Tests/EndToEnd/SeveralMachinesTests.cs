using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace BackupTool.Tests.EndToEnd;

public sealed class SeveralMachinesTests : IAsyncLifetime, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private EmbeddedRing? _ring;

    public async Task InitializeAsync() => _ring = await EmbeddedRing.StartAsync(new()
    {
        Directory = _folder.In("ring"),
        Tcp = node => new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)], FailureDomain = $"host {node}" },
    });

    public async Task DisposeAsync() => await _ring!.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Two_machines_that_back_up_at_once_have_both_their_snapshots()
    {
        string[] bootstrap = ["--bootstrap", _ring!.Nodes[0].Handle.Address.ToString()];
        var one = await new Machine(_folder, "one", bootstrap).BeginAsync();
        var other = new Machine(_folder, "other", bootstrap) { Repository = one.Repository };
        var (mine, theirs) = (new Source(_folder.In("mine")), new Source(_folder.In("theirs"), largeFiles: 3));

        var backups = await Task.WhenAll(one.RunAsync("backup", mine.Path, "--host", "one"), other.RunAsync("backup", theirs.Path, "--host", "other"));
        Assert.All(backups, backup => backup.AssertEnded(ExitCode.Done));

        var check = (await one.RunAsync("check", "--read-data")).AssertEnded(ExitCode.Done);
        Assert.Equal(2, check["snapshots"]);
        foreach (var (backup, source, target) in backups.Zip([mine, theirs], ["target of one", "target of other"]))
        {
            var name = backup.Summary.GetProperty("snapshot").GetString()!;
            (await other.RunAsync("restore", name, "--target", _folder.In(target))).AssertEnded(ExitCode.Done);
            source.AssertRestored(_folder.In(target));
        }
    }
}
