using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using NodeSample;

namespace Node.Tests;

/// <summary>What a node tells those who watch it.</summary>
public sealed class HealthTests : IDisposable
{
    private readonly Workplace _work = new();
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        _work.Dispose();
    }

    [Fact]
    public async Task A_node_that_takes_part_is_live_and_ready()
    {
        var node = _work.StartNode("node", "--health", "127.0.0.1:0");
        var health = await node.WhenWatchedAsync(_work.Patience);
        var (_, id) = await node.WhenListeningAsync(_work.Patience);
        await node.WhenReadyAsync(_work.Patience);

        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync(health, "health/live"));
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync(health, "health/ready"));
        var (status, text) = await GetAsync(health, "health");
        Assert.Equal(HttpStatusCode.OK, status);
        using var json = JsonDocument.Parse(text);
        Assert.Equal(id, json.RootElement.GetProperty("id").GetString());
        Assert.Equal("ready", json.RootElement.GetProperty("state").GetString());
        Assert.False(json.RootElement.TryGetProperty("reason", out _));
        Assert.Equal(0, json.RootElement.GetProperty("repairs_waiting").GetInt32());
        Assert.Equal(10_000_000_000, json.RootElement.GetProperty("capacity_bytes").GetInt64());

        var verb = await _work.RunAsync("health", "--data", node.Data);
        Assert.Equal(ExitCode.Success, verb.ExitCode);
        Assert.StartsWith("{\"live\":true,\"ready\":true", verb.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_finds_no_ring_is_live_and_not_ready_and_says_why()
    {
        var node = _work.StartNode("node", "--health", "127.0.0.1:0", "--bootstrap", "127.0.0.1:1");
        var health = await node.WhenWatchedAsync(_work.Patience);
        await node.WhenListeningAsync(_work.Patience);

        Assert.Equal(HttpStatusCode.OK, (await GetAsync(health, "health/live")).Status);
        var (status, reason) = await GetAsync(health, "health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("has not joined its ring", reason, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Failed, (await _work.RunAsync("health", "--data", node.Data)).ExitCode);
        Assert.Equal(ExitCode.Success, (await _work.RunAsync("health", "--live", "--data", node.Data)).ExitCode);
    }

    [Fact]
    public async Task Watchers_get_nothing_but_answers_to_small_questions()
    {
        var node = _work.StartNode("node", "--health", "127.0.0.1:0");
        var health = await node.WhenWatchedAsync(_work.Patience);
        await node.WhenReadyAsync(_work.Patience);

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(health, "metrics")).Status);
        using var post = await _http.PostAsync(new Uri(health, "health"), new StringContent("please"), _work.Patience);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        using var head = new HttpRequestMessage(HttpMethod.Head, new Uri(health, "health/ready"));
        using var headed = await _http.SendAsync(head, _work.Patience);
        Assert.Equal((HttpStatusCode.OK, ""), (headed.StatusCode, await headed.Content.ReadAsStringAsync(_work.Patience)));
        Assert.True(headed.Headers.ConnectionClose);

        var flood = await AskAsync(health, $"GET /health HTTP/1.1\r\nHost: a\r\nCookie: {new string('a', 10_000)}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 431 ", flood, StringComparison.Ordinal);
        var twice = await AskAsync(health, "GET /health/live HTTP/1.1\r\nHost: a\r\n\r\nGET /health/live HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.Equal(2, twice.Split("HTTP/1.1 ").Length);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_told()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var node = _work.StartNode("node", "--health", $"127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}");
        Assert.Equal(ExitCode.Failed, await node.ExitAsync(_work.Patience));
        Assert.Contains("--health", Assert.Single(node.Errors.Lines, line => line.StartsWith("error: ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_lies_is_found_out()
    {
        var node = _work.StartNode("node", "--failure-domain", "rack 1");
        await node.WhenReadyAsync(_work.Patience);
        await File.WriteAllBytesAsync(_work.PathOf("content"), new byte[200_000], _work.Patience);
        var put = await _work.RunAsync("put", "content", "--replicas", "1", "--data", node.Data);
        Assert.True(put.ExitCode == ExitCode.Success, put.ToString());
        Assert.Equal("0 of 1 replicas were damaged", (await _work.RunAsync("scrub", "--data", node.Data)).LastLine);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(node.Data, "replicas/replicas"), "*", SearchOption.AllDirectories));
        await using (var replica = File.OpenWrite(file))
        {
            replica.Seek(-1, SeekOrigin.End);
            replica.WriteByte(1);
        }

        var scrub = await _work.RunAsync("scrub", "--data", node.Data);
        Assert.Equal([$"damaged {put.LastLine}", "1 of 1 replicas were damaged"], scrub.Output);

        Assert.Equal(ExitCode.Success, await node.TerminateAsync(_work.Patience));
        var again = _work.StartNode("node", "--rebuild", "yes");
        await again.WhenReadyAsync(_work.Patience);
        Assert.Equal(0, (await again.StatusAsync(_work.Patience)).Replicas);
    }

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(Uri health, string path)
    {
        using var response = await _http.GetAsync(new Uri(health, path), _work.Patience);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(_work.Patience));
    }

    /// <summary>Sends bytes as they are, and reads until the other side closes.</summary>
    private async Task<string> AskAsync(Uri health, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(health.Host, health.Port, _work.Patience);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request), _work.Patience);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadToEndAsync(_work.Patience);
    }
}
