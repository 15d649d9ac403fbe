using System.Text.Json;
using NodeSample;
using NodeSample.Control;

namespace Node.Tests;

public sealed class RingTests : IDisposable
{
    private const int LeafSetSize = 8;

    private readonly Workplace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public async Task A_file_survives_the_crash_of_two_of_its_three_holders()
    {
        var nodes = await StartRingAsync(10);
        var ids = await Task.WhenAll(nodes.Select(node => node.WhenListeningAsync(_work.Patience)));
        var content = new byte[2_000_003];
        new Random(1).NextBytes(content);
        await File.WriteAllBytesAsync(_work.PathOf("content"), content, _work.Patience);

        var inserter = nodes[3];
        var put = await _work.RunAsync("put", "content", "--data", inserter.Data);
        Assert.True(put.ExitCode == ExitCode.Success, put.ToString());
        var file = put.LastLine;

        var holders = await HoldersAsync(nodes, file);
        Assert.Equal(3, holders.Length);
        var victims = holders[..2];
        await Task.WhenAll(victims.Select(victim => victim.KillAsync(_work.Patience)));

        var reader = nodes.First(node => node != inserter && !holders.Contains(node));
        var get = await _work.RunAsync("get", file, "--out", "fetched", "--data", reader.Data);
        Assert.True(get.ExitCode == ExitCode.Success, get.ToString());
        Assert.Equal(content, await File.ReadAllBytesAsync(_work.PathOf("fetched"), _work.Patience));
        Assert.Empty(Directory.GetFiles(_work.Folder, "*.part"));

        await ThreeHoldAsync(nodes, file);
        var (_, idBefore) = ids[Array.IndexOf(nodes, victims[0])];
        var (bootstrap, _) = ids[Array.IndexOf(nodes, reader)];
        var returned = _work.StartNode(Path.GetFileName(victims[0].Data), "--bootstrap", bootstrap);
        Assert.Equal(idBefore, (await returned.WhenListeningAsync(_work.Patience)).Id);
        Assert.True(await returned.HoldsAsync(file, _work.Patience));
        await returned.WhenReadyAsync(_work.Patience);
        Assert.True(await returned.HoldsAsync(file, _work.Patience));
    }

    [Fact]
    public async Task Only_the_node_that_a_file_was_put_through_takes_it_back()
    {
        var nodes = await StartRingAsync(4);
        await File.WriteAllTextAsync(_work.PathOf("content"), "once", _work.Patience);
        var put = await _work.RunAsync("put", "content", "--data", nodes[0].Data);
        Assert.True(put.ExitCode == ExitCode.Success, put.ToString());
        var file = put.LastLine;

        var stolen = await _work.RunAsync("reclaim", file, "--data", nodes[1].Data);
        Assert.Equal(ExitCode.Failed, stolen.ExitCode);
        Assert.Contains("another owner", stolen.ToString(), StringComparison.Ordinal);
        Assert.Equal(3, (await HoldersAsync(nodes, file)).Length);

        var reclaimed = await _work.RunAsync("reclaim", file, "--data", nodes[0].Data);
        Assert.True(reclaimed.ExitCode == ExitCode.Success, reclaimed.ToString());
        Assert.Equal("reclaimed from 3 nodes", reclaimed.LastLine);
        Assert.Empty(await HoldersAsync(nodes, file));
        var get = await _work.RunAsync("get", file, "--out", "fetched", "--data", nodes[2].Data);
        Assert.Equal(ExitCode.Failed, get.ExitCode);
        Assert.False(File.Exists(_work.PathOf("fetched")));
    }

    [Fact]
    public async Task A_node_that_is_told_to_stop_says_farewell()
    {
        var nodes = await StartRingAsync(3);
        var leaver = nodes[1];
        NodeProcess[] others = [nodes[0], nodes[2]];
        var (_, id) = await leaver.WhenListeningAsync(_work.Patience);

        Assert.Equal(ExitCode.Success, await leaver.TerminateAsync(_work.Patience));

        foreach (var other in others)
        {
            await UntilAsync(other, status => status.LeafSet.All(neighbor => neighbor.Id != id));
            // They heard it rather than found out.
            Assert.DoesNotContain(other.Errors.Lines, line => line.Contains($"Node {id[..8]}", StringComparison.Ordinal) && line.Contains("given up", StringComparison.Ordinal));
        }

        Assert.False(File.Exists(Path.Combine(leaver.Data, "control.sock")));
    }

    [Fact]
    public async Task A_node_that_comes_back_finds_its_ring_although_its_bootstrap_is_gone()
    {
        var nodes = await StartRingAsync(3);
        var (bootstrap, _) = await nodes[0].WhenListeningAsync(_work.Patience);
        var (_, other) = await nodes[1].WhenListeningAsync(_work.Patience);
        await nodes[0].KillAsync(_work.Patience);
        Assert.Equal(ExitCode.Success, await nodes[2].TerminateAsync(_work.Patience));

        var again = _work.StartNode("node-2", "--bootstrap", bootstrap);
        await again.WhenReadyAsync(_work.Patience);
        Assert.Contains((await again.StatusAsync(_work.Patience)).LeafSet, neighbor => neighbor.Id == other);
    }

    [Fact]
    public async Task A_ring_forms_over_both_families()
    {
        if (!System.Net.Sockets.Socket.OSSupportsIPv6)
        {
            return;
        }

        var first = _work.StartNode("first", "--listen", "[::1]:0");
        await first.WhenReadyAsync(_work.Patience);
        var addresses = (await first.StatusAsync(_work.Patience)).Addresses;
        Assert.StartsWith("[::1]:", addresses[1], StringComparison.Ordinal);

        var second = _work.StartNode("second", "--bootstrap", addresses[1]);
        await second.WhenReadyAsync(_work.Patience);
    }

    [Fact]
    public async Task A_memory_of_peers_that_is_damaged_is_told_and_ignored()
    {
        Directory.CreateDirectory(_work.PathOf("node-0"));
        await File.WriteAllTextAsync(_work.PathOf("node-0/peers"), "rubbish", _work.Patience);
        var node = (await StartRingAsync(1))[0];
        await node.Errors.WaitForAsync("can't be used; the file is damaged", _work.Patience);
    }

    [Fact]
    public async Task The_state_of_a_node_is_one_line_of_json()
    {
        var node = (await StartRingAsync(1))[0];
        var (address, id) = await node.WhenListeningAsync(_work.Patience);
        var file = new string('a', 40);

        var status = await _work.RunAsync("status", "--json", "--wait-ready", "--data", node.Data, "--holds", file);

        using var json = JsonDocument.Parse(Assert.Single(status.Output));
        Assert.Equal(id, json.RootElement.GetProperty("id").GetString());
        Assert.Equal(address, json.RootElement.GetProperty("addresses")[0].GetString());
        Assert.True(json.RootElement.GetProperty("ready").GetBoolean());
        Assert.False(json.RootElement.GetProperty("isolated").GetBoolean());
        Assert.Equal(0, json.RootElement.GetProperty("leaf_set").GetArrayLength());
        Assert.False(json.RootElement.GetProperty("holds").GetProperty(file).GetBoolean());
        Assert.Equal("ready", json.RootElement.GetProperty("state").GetString());
        Assert.Equal(0, json.RootElement.GetProperty("table").GetArrayLength());
        Assert.Equal(1, json.RootElement.GetProperty("counters").GetProperty("joins").GetInt64());
    }

    [Fact]
    public async Task The_state_of_a_node_shows_whom_it_knows_and_what_they_have_promised()
    {
        var nodes = await StartRingAsync(3);
        var ids = (await Task.WhenAll(nodes.Select(node => node.WhenListeningAsync(_work.Patience)))).Select(node => node.Id).ToArray();

        // What the first two had promised each other before the third one came is given back when they hear of it.
        var status = await UntilAsync(nodes[0], status => status.LeasesHeld.Select(lease => lease.Peer).Distinct().Count() == 2);

        Assert.Equal(ids[1..].Order(), status.LeafSet.Select(neighbor => neighbor.Id).Order());
        Assert.All(status.LeafSet, neighbor => Assert.Equal(["left", "right"], neighbor.Sides));
        Assert.Equal(ids[1..].Order(), status.LeasesHeld.Select(lease => lease.Peer).Order());
        Assert.Equal(["left", "right"], status.LeasesHeld.Select(lease => lease.Side));
        Assert.NotEmpty(status.LeasesGranted);
        Assert.Equal(status.TableRows.Sum(), status.Table.Sum(row => row.Nodes.Length));
        Assert.All(status.Table.SelectMany(row => row.Nodes), peer => Assert.Contains(peer.Id, ids[1..]));

        var shown = await _work.RunAsync("status", "--data", nodes[0].Data);
        Assert.Contains("state     ready", shown.Output);
        Assert.Equal(2, shown.Output.Count(line => line.StartsWith("lease     from ", StringComparison.Ordinal)));
    }

    private async Task<NodeProcess[]> StartRingAsync(int count)
    {
        var first = _work.StartNode("node-0");
        var (bootstrap, _) = await first.WhenListeningAsync(_work.Patience);
        NodeProcess[] nodes = [first, .. Enumerable.Range(1, count - 1).Select(i => _work.StartNode($"node-{i}", "--bootstrap", bootstrap))];
        foreach (var node in nodes)
        {
            await node.WhenReadyAsync(_work.Patience);
        }

        foreach (var node in nodes)
        {
            await UntilAsync(node, status => status.Ready && status.LeafSet.Length == Math.Min(count - 1, LeafSetSize));
        }

        return nodes;
    }

    private async Task<NodeProcess[]> HoldersAsync(IEnumerable<NodeProcess> nodes, string file)
    {
        var holders = new List<NodeProcess>();
        foreach (var node in nodes.Where(node => !node.HasExited))
        {
            if (await node.HoldsAsync(file, _work.Patience))
            {
                holders.Add(node);
            }
        }

        return [.. holders];
    }

    /// <summary>Waits until the ring has repaired the file.</summary>
    private async Task ThreeHoldAsync(NodeProcess[] nodes, string file)
    {
        while ((await HoldersAsync(nodes, file)).Length < 3)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), _work.Patience);
        }
    }

    private async Task<NodeStatus> UntilAsync(NodeProcess node, Func<NodeStatus, bool> condition)
    {
        while (true)
        {
            var status = await node.StatusAsync(_work.Patience);
            if (condition(status))
            {
                return status;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), _work.Patience);
        }
    }
}
