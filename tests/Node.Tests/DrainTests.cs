using System.Net;
using NodeSample;

namespace Node.Tests;

/// <summary>How a node stops while its users want something of it, and how it leaves for good.</summary>
public sealed class DrainTests : IDisposable
{
    private readonly Workplace _work = new();
    private readonly HttpClient _http = new();
    private readonly Door _bootstrap = new();

    public void Dispose()
    {
        _http.Dispose();
        _work.Dispose();
        _bootstrap.Dispose();
    }

    [Fact]
    public async Task A_node_that_is_told_to_stop_ends_what_goes_on_and_begins_nothing_new()
    {
        var (node, put) = await StartWithPutUnderWayAsync("--drain", "1h");
        var health = await node.WhenWatchedAsync(_work.Patience);

        await node.TellToStopAsync(_work.Patience);
        await node.Output.WaitForAsync("draining", _work.Patience);
        using var ready = await _http.GetAsync(new Uri(health, "health/ready"), _work.Patience);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("draining", await ready.Content.ReadAsStringAsync(_work.Patience), StringComparison.Ordinal);
        using var live = await _http.GetAsync(new Uri(health, "health/live"), _work.Patience);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        (await _work.RunAsync("put", "content", "--data", node.Data)).AssertFailed(ExitCode.Failed, "stopping");
        (await _work.RunAsync("get", new string('a', 40), "--out", "fetched", "--data", node.Data)).AssertFailed(ExitCode.Failed, "stopping");

        // What the put has waited for comes.
        var (other, _) = await _work.StartNode("other").WhenListeningAsync(_work.Patience);
        _bootstrap.OpenTo(other);
        Assert.Equal(ExitCode.Success, await put.ExitAsync(_work.Patience));
        Assert.Equal(ExitCode.Success, await node.ExitAsync(_work.Patience));
        Assert.Equal(["draining", "ready", "leaving"], node.Output.Lines.TakeLast(3));
    }

    [Fact]
    public async Task A_drain_has_an_end()
    {
        var (node, put) = await StartWithPutUnderWayAsync("--drain", "1ms");
        Assert.Equal(ExitCode.Success, await node.TerminateAsync(_work.Patience));
        Assert.Equal(ExitCode.Failed, await put.ExitAsync(_work.Patience));
        Assert.Contains(node.Errors.Lines, line => line.Contains("1 operations have not ended in time", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_that_is_told_twice_to_stop_ends_at_once()
    {
        var (node, put) = await StartWithPutUnderWayAsync("--drain", "1h");
        await node.TellToStopAsync(_work.Patience);
        await node.Output.WaitForAsync("draining", _work.Patience);

        // What comes right behind the first one counts as the same.
        while (!node.HasExited)
        {
            await node.TellToStopAsync(_work.Patience);
        }

        Assert.Equal(ExitCode.Failed, await node.ExitAsync(_work.Patience));
        Assert.Equal(ExitCode.Failed, await put.ExitAsync(_work.Patience));
        Assert.DoesNotContain("leaving", node.Output.Lines);
    }

    [Fact]
    public async Task A_node_that_retires_leaves_when_others_hold_what_it_held()
    {
        var nodes = new List<NodeProcess> { _work.StartNode("node-0") };
        var (bootstrap, _) = await nodes[0].WhenListeningAsync(_work.Patience);
        nodes.AddRange(Enumerable.Range(1, 3).Select(i => _work.StartNode($"node-{i}", "--bootstrap", bootstrap)));
        await Task.WhenAll(nodes.Select(node => node.WhenReadyAsync(_work.Patience)));
        await File.WriteAllTextAsync(_work.PathOf("content"), "kept", _work.Patience);
        var put = await _work.RunAsync("put", "content", "--data", nodes[0].Data);
        Assert.True(put.ExitCode == ExitCode.Success, put.ToString());
        NodeProcess? leaver = null;
        foreach (var node in nodes[1..])
        {
            leaver = await node.HoldsAsync(put.LastLine, _work.Patience) ? node : leaver;
        }

        var retired = await _work.RunAsync("retire", "--data", leaver!.Data);
        Assert.True(retired.ExitCode == ExitCode.Success, retired.ToString());
        Assert.Equal("handed over 1 replicas; the node stops", retired.LastLine);
        Assert.Equal(ExitCode.Success, await leaver.ExitAsync(_work.Patience));
        foreach (var node in nodes.Where(node => node != leaver))
        {
            Assert.True(await node.HoldsAsync(put.LastLine, _work.Patience));
        }
    }

    [Fact]
    public async Task A_node_that_can_t_hand_over_its_replicas_says_so_and_goes_on()
    {
        var node = _work.StartNode("node");
        await node.WhenReadyAsync(_work.Patience);
        await File.WriteAllTextAsync(_work.PathOf("content"), "kept", _work.Patience);
        Assert.Equal(ExitCode.Success, (await _work.RunAsync("put", "content", "--replicas", "1", "--data", node.Data)).ExitCode);

        (await _work.RunAsync("retire", "--limit", "1ms", "--data", node.Data)).AssertFailed(ExitCode.Failed, "Others do not hold all of 1 of 1 files");
        Assert.Equal(1, (await node.StatusAsync(_work.Patience)).Replicas);
        (await _work.RunAsync("retire", "--limit", "soon", "--data", node.Data)).AssertFailed(ExitCode.Usage, "soon");
        (await _work.RunAsync("retire", "--limit", "60d", "--data", node.Data)).AssertFailed(ExitCode.Usage, "longer than 30 days");
    }

    [Fact]
    public async Task A_node_that_retires_leaves_though_nobody_waits_for_it_any_more()
    {
        var node = _work.StartNode("node");
        var (bootstrap, _) = await node.WhenListeningAsync(_work.Patience);
        await node.WhenReadyAsync(_work.Patience);
        await File.WriteAllTextAsync(_work.PathOf("content"), "kept", _work.Patience);
        var put = await _work.RunAsync("put", "content", "--replicas", "1", "--data", node.Data);
        (await _work.RunAsync("retire", "--limit", "1ms", "--data", node.Data)).AssertFailed(ExitCode.Failed, "stops when that is done");

        var heir = _work.StartNode("heir", "--bootstrap", bootstrap);
        Assert.Equal(ExitCode.Success, await node.ExitAsync(_work.Patience));
        Assert.True(await heir.HoldsAsync(put.LastLine, _work.Patience));
    }

    /// <summary>Starts a node that waits for its ring, and a put that waits for the node.</summary>
    private async Task<(NodeProcess Node, NodeProcess Put)> StartWithPutUnderWayAsync(params string[] more)
    {
        var node = _work.StartNode("node", ["--health", "127.0.0.1:0", "--bootstrap", _bootstrap.Address, .. more]);
        await node.WhenListeningAsync(_work.Patience);
        await File.WriteAllTextAsync(_work.PathOf("content"), "waits", _work.Patience);
        var put = _work.StartVerb("put", "content", "--replicas", "1", "--data", node.Data);
        var health = new Uri(await node.WhenWatchedAsync(_work.Patience), "health");
        while (!(await _http.GetAsync(health, _work.Patience)).Content.ReadAsStringAsync().Result.Contains("\"operations_running\":1", StringComparison.Ordinal))
        {
            await Task.Yield();
        }

        return (node, put);
    }
}
