using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Game.Tests.Play;

/// <summary>A player's page is for who plays on this machine, and for no other page that is open in its browser.</summary>
public sealed class PageTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
    private readonly GameProcess _process = GameProcess.Start("--name", "Ada", "--bots", "1");
    private readonly HttpClient _client = new();
    private Uri _page = null!;

    public async Task InitializeAsync() => _page = new Uri(await _process.PageAsync(_patience.Token));

    public Task DisposeAsync()
    {
        _process.Dispose();
        _client.Dispose();
        _patience.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Pages_are_served_below_the_secret_path_only_with_a_strict_policy()
    {
        var page = await _client.GetAsync(_page, _patience.Token);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(new Uri(_page, "main.js")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(_page, "/")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(_page, "/AAAAAAAAAAAAAAAAAAAAAA/main.js")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(_page, "..%2fProgram.cs")));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(new Uri(_page, "nothing.js")));
    }

    [Theory]
    [InlineData("game.example")]
    [InlineData("127.0.0.1.game.example")]
    [InlineData("127.0.0.1:1")]
    public async Task Who_calls_this_machine_by_another_name_is_refused(string host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, _page) { Headers = { Host = host } };
        using var response = await _client.SendAsync(request, _patience.Token);
        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Theory]
    [InlineData("https://game.example")]
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

        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(SocketAddress, _patience.Token));
        Assert.NotEqual(WebSocketState.Open, socket.State);
    }

    [Theory]
    [InlineData("no JSON")]
    [InlineData("[1]")]
    [InlineData("{\"press\":[\"x\",1]}")]
    [InlineData("{\"press\":[1]}{")]
    [InlineData("{\"sight\":[1e999,{}]}")]
    public async Task What_a_page_does_not_say_ends_its_connection_and_the_game_goes_on(string message)
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, _patience.Token);
        await UntilClosedAsync(socket);
        using var next = await ConnectAsync();
        Assert.Contains("\"you\":", await NextAsync(next), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_that_is_too_long_ends_the_connection()
    {
        using var socket = await ConnectAsync();
        await socket.SendAsync(Encoding.UTF8.GetBytes($"{{\"say\":\"{new string('x', 5000)}\"}}"), WebSocketMessageType.Text, true, _patience.Token);
        await UntilClosedAsync(socket);
    }

    [Fact]
    public async Task What_is_said_comes_back_cleaned_as_others_hear_it()
    {
        using var socket = await ConnectAsync();
        string heard;
        do
        {
            // Until the chat's group has begun, words are lost.
            await socket.SendAsync(Encoding.UTF8.GetBytes("{\"say\":\"  a \\u202e<b>b</b>\\u0007 \"}"), WebSocketMessageType.Text, true, _patience.Token);
            heard = await NextAsync(socket);
        }
        while (!heard.Contains("\"kind\":\"said\"", StringComparison.Ordinal));

        using var document = JsonDocument.Parse(heard);
        var said = document.RootElement.GetProperty("news").EnumerateArray().First(news => news.GetProperty("kind").GetString() == "said");
        Assert.Equal(("Ada", "a <b>b</b>"), (said.GetProperty("name").GetString(), said.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task The_page_is_not_to_be_had_from_other_machines()
    {
        var others = (await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork, _patience.Token)).Where(address => !IPAddress.IsLoopback(address));
        foreach (var address in others)
        {
            using var client = new TcpClient();
            await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(address, _page.Port, _patience.Token).AsTask());
        }
    }

    private Uri SocketAddress => new UriBuilder(new Uri(_page, "socket")) { Scheme = "ws" }.Uri;

    private async Task<ClientWebSocket> ConnectAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", _page.GetLeftPart(UriPartial.Authority));
        await socket.ConnectAsync(SocketAddress, _patience.Token);
        return socket;
    }

    private async Task<string> NextAsync(ClientWebSocket socket)
    {
        var buffer = new byte[64 * 1024];
        var length = 0;
        ValueWebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(buffer.AsMemory(length), _patience.Token);
            length += received.Count;
        }
        while (!received.EndOfMessage);

        return Encoding.UTF8.GetString(buffer, 0, length);
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

    private async Task<HttpStatusCode> StatusAsync(Uri address)
    {
        using var response = await _client.GetAsync(address, _patience.Token);
        return response.StatusCode;
    }
}
