using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

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
        if (origin is not null)
        {
            socket.Options.SetRequestHeader("Origin", origin);
        }

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(dashboard.Socket, _patience.Token));
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
        foreach (var message in (string[])["{\"stop\":-1}", "{\"stop\":1000}", "{\"look\":-5}", "{\"look\":100000}"])
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, _patience.Token);
        }

        Assert.All(await dashboard.NodesAsync(_patience.Token), node => Assert.True(node.GetProperty("isUp").GetBoolean()));
        Assert.Equal(WebSocketState.Open, socket.State);
    }

    [Fact]
    public async Task It_is_not_to_be_had_from_other_machines()
    {
        var others = (await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork, _patience.Token)).Where(address => !IPAddress.IsLoopback(address));
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
