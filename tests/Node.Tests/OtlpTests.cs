using NodeSample;

namespace Node.Tests;

/// <summary>What a node sends to a collector.</summary>
public sealed class OtlpTests : IDisposable
{
    private readonly Workplace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task A_collector_gets_metrics_and_traces_with_the_name_of_the_node()
    {
        await using var collector = await OtlpCollector.StartAsync(_work.Patience);
        var node = _work.StartNode("node", "--otlp", collector.Url);
        var (_, id) = await node.WhenListeningAsync(_work.Patience);
        await node.WhenReadyAsync(_work.Patience);
        await File.WriteAllTextAsync(_work.PathOf("content"), "counted", _work.Patience);
        Assert.Equal(ExitCode.Success, (await _work.RunAsync("put", "content", "--replicas", "1", "--data", node.Data)).ExitCode);
        Assert.Equal(ExitCode.Failed, (await _work.RunAsync("get", new string('a', 40), "--out", "fetched", "--data", node.Data)).ExitCode);

        // What has not been sent by then is sent before the process ends.
        Assert.Equal(ExitCode.Success, await node.TerminateAsync(_work.Patience));

        Assert.Empty(
            new[]
            {
                "p2p.pastry.nodes", "p2p.pastry.leaf_set_size", "p2p.pastry.messages_delivered",
                "p2p.past.replicas", "p2p.past.capacity_bytes", "p2p.past.repairs_waiting", "p2p.past.inserts", "p2p.past.cache_bytes", "dotnet.gc.collections",
            }.Except(collector.Metrics));
        Assert.Contains("put", collector.Spans);
        Assert.Contains("get", collector.Spans);
        Assert.Contains("p2p.pastry.deliver", collector.Spans);
        Assert.Equal("p2p-node", collector.Resource["service.name"]);
        Assert.Equal(id, collector.Resource["service.instance.id"]);
        Assert.NotEqual("", collector.Resource["service.version"]);
    }

    [Fact]
    public async Task A_collector_that_is_not_there_keeps_nobody_from_anything()
    {
        var node = _work.StartNode("node", "--otlp", "http://127.0.0.1:1");
        await node.WhenReadyAsync(_work.Patience);
        Assert.Equal(ExitCode.Success, await node.TerminateAsync(_work.Patience));
    }

    [Fact]
    public async Task An_address_that_is_none_is_refused() =>
        (await _work.RunAsync("run", "--data", _work.PathOf("node"), "--otlp", "collector:4318")).AssertFailed(ExitCode.Usage, "collector:4318");
}
