using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace QuickStart.Tests.Dashboard;

/// <summary>The dashboard is for who sits at this machine, and for no other page that is open in its browser.</summary>
public sealed class GuardTests(RunningDashboard dashboard) : IClassFixture<RunningDashboard>, IDisposable
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
    private readonly HttpClient _client = new();

    public void Dispose()
    {
        _client.Dispose();
        _patience.Dispose();
    }

    [Fact]
    public async Task Pages_are_served_below_the_secret_path_only_with_a_strict_policy()
    {
        var page = await _client.GetAsync(dashboard.Page, _patience.Token);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("main.js"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("state"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("/AAAAAAAAAAAAAAAAAAAAAA/state"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync("..%2fProgram.cs"));
    }

    [Theory]
    [InlineData("ring.example")]
    [InlineData("127.0.0.1.ring.example")]
    [InlineData("127.0.0.1:1")]
    public async Task Who_calls_this_machine_by_another_name_is_refused(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, dashboard.Page) { Headers = { Host = host } };
        using var response = await _client.SendAsync(request, _patience.Token);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("https://ring.example")]
    [InlineData("http://127.0.0.1")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task Another_page_does_not_get_to_the_socket(string? origin)
    {
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(dashboard.Socket, _patience.Token));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[1]")]
    [InlineData("{\"stop\":\"x\"}")]
    [InlineData("{\"stop\":1e99}")]
    [InlineData("{\"burn\":1}")]
    [InlineData("{\"start\":{\"a\":{\"b\":1}}}")]
    public async Task What_a_page_does_not_say_ends_its_connection_and_the_ring_goes_on(string message)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, _patience.Token);
        await UntilClosedAsync(socket);
        using var next = await ConnectAsync();
        Assert.Equal(WebSocketState.Open, next.State);
    }

    [Fact]
    public async Task Wishes_that_name_nothing_are_passed_over()
    {
        using var socket = await ConnectAsync();

        // Wishes are granted in their order: when the last has been, so have the others.
        foreach (var message in (string[])["{\"stop\":-1}", "{\"stop\":1000}", "{\"look\":-5}", "{\"look\":100000}", "{\"start\":true}"])
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, _patience.Token);
        }

        while (!(await PictureAsync(socket)).GetProperty("happenings").EnumerateArray().Any(happening => happening.GetProperty("kind").GetString() == "started"))
        {
        }

        var picture = await PictureAsync(socket);
        Assert.All(picture.GetProperty("nodes").EnumerateArray(), node => Assert.True(node.GetProperty("isUp").GetBoolean()));
        Assert.Equal("started", Assert.Single(picture.GetProperty("happenings").EnumerateArray()).GetProperty("kind").GetString());
    }

    [SkippableFact]
    public async Task It_is_not_to_be_had_from_other_machines()
    {
        IPAddress[] others = [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(network => network.OperationalStatus == OperationalStatus.Up)
            .SelectMany(network => network.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(address))];
        Skip.If(others.Length == 0, "This machine has no address but those of loopback.");
        foreach (var address in others)
        {
            using var client = new TcpClient();
            await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(address, dashboard.Page.Port, _patience.Token).AsTask());
        }
    }

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", dashboard.Page.GetLeftPart(UriPartial.Authority));
        await socket.ConnectAsync(dashboard.Socket, _patience.Token);
        return socket;
    }

    /// <summary>Reads until the next picture.</summary>
    private async Task<JsonElement> PictureAsync(WebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            using var message = new MemoryStream();
            ValueWebSocketReceiveResult received;
            do
            {
                received = await socket.ReceiveAsync(buffer.AsMemory(), _patience.Token);
                Assert.Equal(WebSocketMessageType.Text, received.MessageType);
                message.Write(buffer, 0, received.Count);
            }
            while (!received.EndOfMessage);

            using var news = JsonDocument.Parse(message.ToArray());
            if (news.RootElement.TryGetProperty("kind", out var kind) && kind.GetString() == "picture")
            {
                return news.RootElement.Clone();
            }
        }
    }

    private async Task UntilClosedAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while ((await socket.ReceiveAsync(buffer.AsMemory(), _patience.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (WebSocketException)
        {
            // It was ended without a farewell.
        }
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var response = await _client.GetAsync(new Uri(dashboard.Page, path), _patience.Token);
        return response.StatusCode;
    }
}
