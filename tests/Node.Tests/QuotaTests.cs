using System.Globalization;
using NodeSample;

namespace Node.Tests;

/// <summary>A ring of processes with a broker: what its users store is what their nodes contribute.</summary>
public sealed class QuotaTests : IDisposable
{
    /// <summary>Owners may use so much of what is contributed.</summary>
    private const double Fraction = 0.8;

    private readonly Workplace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task Users_store_what_was_contributed_for_them_also_after_the_broker_was_killed()
    {
        await KeysAsync();
        var broker = _work.StartNode("a", "--run-broker", "yes", "--contribute", "1MB");
        var (bootstrap, _) = await broker.WhenListeningAsync(_work.Patience);
        string[] others = ["--bootstrap", bootstrap, "--broker", "broker.pub", "--contribute", "1MB", "--account", "user.pub"];
        NodeProcess[] nodes = [broker, _work.StartNode("b", others), _work.StartNode("c", others)];
        foreach (var node in nodes)
        {
            await node.WhenReadyAsync(_work.Patience);
        }

        await UntilAsync(broker, used: 0, granted: (long)(3_000_000 * Fraction));
        await File.WriteAllBytesAsync(_work.PathOf("content"), new byte[500_000], _work.Patience);
        var put = await PutAsync(broker);
        Assert.True(put.ExitCode == ExitCode.Success, put.ToString());
        Assert.Equal("1,500,000 of 2,400,000 bytes used", (await _work.RunAsync("quota", "--data", broker.Data)).LastLine);

        (await PutAsync(broker)).AssertFailed(ExitCode.Failed, "1,500,000 of 2,400,000 bytes are used, and it needs 1,500,000");
        (await PutAsync(nodes[1])).AssertFailed(ExitCode.Failed, "0 of 0 bytes are used");

        await broker.KillAsync(_work.Patience);
        (await _work.RunAsync("quota", "--data", nodes[1].Data)).AssertFailed(ExitCode.Failed, "The broker has not answered in time");
        var again = _work.StartNode("a", "--run-broker", "yes", "--contribute", "1MB", "--bootstrap", (await nodes[1].WhenListeningAsync(_work.Patience)).Address);
        await again.WhenReadyAsync(_work.Patience);
        await UntilAsync(again, used: 1_500_000, granted: 2_400_000);

        var reclaimed = await _work.RunAsync("reclaim", put.LastLine, "--data", again.Data);
        Assert.True(reclaimed.ExitCode == ExitCode.Success, reclaimed.ToString());
        await UntilAsync(again, used: 0, granted: 2_400_000);
        Assert.Equal(ExitCode.Success, (await PutAsync(again)).ExitCode);
    }

    [Fact]
    public async Task A_user_of_a_node_that_asks_no_broker_is_refused_by_nodes_that_trust_one()
    {
        await KeysAsync();
        var broker = _work.StartNode("a", "--run-broker", "yes");
        var (bootstrap, _) = await broker.WhenListeningAsync(_work.Patience);
        var careless = _work.StartNode("d", "--bootstrap", bootstrap);
        await careless.WhenReadyAsync(_work.Patience);
        await File.WriteAllBytesAsync(_work.PathOf("content"), new byte[1_000], _work.Patience);

        (await _work.RunAsync("put", "content", "--replicas", "2", "--data", careless.Data)).AssertFailed(ExitCode.Failed, "asks for the permit of a broker");
        (await _work.RunAsync("quota", "--data", careless.Data)).AssertFailed(ExitCode.Failed, "asks no broker");
    }

    /// <summary>Makes the keys of the broker's node and of its user, before it runs.</summary>
    private async Task KeysAsync()
    {
        foreach (var (arguments, file) in new (string[], string)[] { ([], "broker.pub"), (["--user"], "user.pub") })
        {
            var identity = await _work.RunAsync(["identity", "--data", _work.PathOf("a"), .. arguments]);
            Assert.True(identity.ExitCode == ExitCode.Success, identity.ToString());
            await File.WriteAllLinesAsync(_work.PathOf(file), identity.Output, _work.Patience);
        }
    }

    private Task<VerbOutcome> PutAsync(NodeProcess node) => _work.RunAsync("put", "content", "--data", node.Data);

    private async Task UntilAsync(NodeProcess node, long used, long granted)
    {
        var wanted = string.Create(CultureInfo.InvariantCulture, $$"""{"used_bytes":{{used}},"granted_bytes":{{granted}}}""");
        while (true)
        {
            var quota = await _work.RunAsync("quota", "--json", "--data", node.Data);
            if (quota.ExitCode == ExitCode.Success && quota.LastLine == wanted)
            {
                return;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), _work.Patience);
        }
    }
}
