using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using P2P.YouServ;
using P2P.YouServ.Hosting;

namespace YouServ.Tests.Sites;

/// <summary>Bob is behind a firewall: connecting to him fails. Joe's peer carries his visitors.</summary>
public sealed class ProxyTests : IAsyncLifetime
{
    /// <summary>Where nobody listens.</summary>
    private static readonly IPAddress Walled = IPAddress.Parse("127.0.0.99");

    private Village _village = null!;
    private YouServPeer _joe = null!;
    private YouServPeer _bob = null!; // In the village he goes by the name of alice.
    private string _folder = null!;

    public async Task InitializeAsync()
    {
        _village = await Village.StartAsync(options => options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8")));
        (_joe, _) = await _village.AddPeerAsync("joe", options: options => options.IsProxy = true);
        (_bob, _folder) = await _village.AddPeerAsync("alice", options: options => options.Addresses.Add(Walled));
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "notes from behind the wall");
        await File.WriteAllBytesAsync(Path.Combine(_folder, "large.bin"), Large());
        await _bob.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
    }

    public async Task DisposeAsync() => await _village.DisposeAsync();

    [Fact]
    public async Task The_name_points_at_the_proxy_and_visitors_reach_the_site()
    {
        Assert.Equal(("joe.userv.localhost", _joe.Status.Url!.Port), (_bob.Status.ProxyHost, _bob.Status.Url!.Port));
        Assert.Equal(["127.0.0.1"], _village.Dns["alice.userv.localhost"]);
        using var browser = _village.NewBrowser();
        var page = await browser.GetAsync($"{_bob.Status.Url}notes.txt");
        Assert.Equal("notes from behind the wall", page.Text);

        // Joe's own site is there as before.
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SendAsync(HttpMethod.Head, $"{_joe.Status.Url}x")).Status);
    }

    [Fact]
    public async Task Both_owners_see_which_way_visitors_come()
    {
        using var browser = await _village.NewBrowserOfAsync("alice");
        await browser.GetAsync($"{_bob.Status.Url}.youserv/");
        var carried = (await browser.GetAsync($"{_bob.Status.Url}.youserv/api/site")).Text;
        Assert.Contains("\"proxyHost\":\"joe.userv.localhost\"", carried, StringComparison.Ordinal);
        Assert.DoesNotContain("\"sitesCarried\":1", carried, StringComparison.Ordinal);
        using var other = await _village.NewBrowserOfAsync("joe");
        await other.GetAsync($"{_joe.Status.Url}.youserv/");
        var carrying = (await other.GetAsync($"{_joe.Status.Url}.youserv/api/site")).Text;
        Assert.Contains("\"proxyHost\":\"\"", carrying, StringComparison.Ordinal);
        Assert.Contains("\"sitesCarried\":1", carrying, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Large_files_and_many_visitors_pass()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var browser = new HttpClient(new SocketsHttpHandler { ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint.Port, cancellationToken) });
            Assert.Equal(Large(), await browser.GetByteArrayAsync(new Uri(_bob.Status.Url!, "large.bin")));
        }));
    }

    [Fact]
    public async Task When_the_proxy_goes_another_is_found()
    {
        var (other, _) = await _village.AddPeerAsync("mallory", options: options => options.IsProxy = true);
        await _village.StopPeerAsync(_joe);
        using var browser = _village.NewBrowser();
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (_bob.Status.ProxyHost != other.Status.Host)
        {
            bound.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        Assert.Equal("notes from behind the wall", (await browser.GetAsync($"{_bob.Status.Url}notes.txt")).Text);
    }

    [Fact]
    public async Task What_follows_a_request_in_a_connection_goes_where_that_went()
    {
        // A second request for joe's site, hidden behind one for the other: it must not come to joe as if the other had sent it, nor the other way round.
        var text = await SayAsync(
            _joe.Status.Url!.Port,
            $"GET /notes.txt HTTP/1.1\r\nHost: {_bob.Status.Host}\r\n\r\nGET /x HTTP/1.1\r\nHost: {_joe.Status.Host}\r\nConnection: close\r\n\r\n");
        Assert.Contains("notes from behind the wall", text, StringComparison.Ordinal);
        Assert.Contains("421 Misdirected Request", text, StringComparison.Ordinal);
        Assert.Contains($"This peer serves {_bob.Status.Host}", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /notes.txt HTTP/1.1\r\nHost: {alice}\r\nHost: {joe}\r\n")]
    [InlineData("GET /notes.txt HTTP/1.1\r\nHost: {joe}\r\nHost: {alice}\r\n")]
    [InlineData("GET http://{joe}/notes.txt HTTP/1.1\r\nHost: {alice}\r\n")]
    [InlineData("GET http://{alice}/notes.txt HTTP/1.1\r\nHost: {joe}\r\n")]
    [InlineData("GET /notes.txt HTTP/1.1\r\n Host: {joe}\r\nHost: {alice}\r\n")]
    public async Task A_request_that_names_two_sites_is_answered_by_neither(string request)
    {
        var text = await SayAsync(
            _joe.Status.Url!.Port,
            request.Replace("{alice}", _bob.Status.Host, StringComparison.Ordinal).Replace("{joe}", _joe.Status.Host, StringComparison.Ordinal) + "Connection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", text, StringComparison.Ordinal);
        Assert.DoesNotContain("behind the wall", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_that_is_named_later_in_a_connection_is_not_reached_by_it()
    {
        // Joe's own first, then the other: joe does not serve it, and does not send it on.
        var text = await SayAsync(
            _joe.Status.Url!.Port,
            $"GET /x HTTP/1.1\r\nHost: {_joe.Status.Host}\r\n\r\nGET /notes.txt HTTP/1.1\r\nHost: {_bob.Status.Host}\r\nConnection: close\r\n\r\n");
        Assert.Contains("421 Misdirected Request", text, StringComparison.Ordinal);
        Assert.DoesNotContain("behind the wall", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Authorization: Bearer x.y\r\n")]
    public async Task A_tunnel_needs_a_pass(string header)
    {
        var text = await SayAsync(
            _joe.Status.Url!.Port, $"GET {TunnelClient.Path} HTTP/1.1\r\nHost: {_joe.Status.Host}\r\nConnection: Upgrade\r\nUpgrade: {TunnelClient.Protocol}\r\n{header}\r\n", mayStay: true);
        Assert.StartsWith("HTTP/1.1 403", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pass_is_for_ones_own_name_whatever_one_asks_for()
    {
        using var http = new HttpClient(new SocketsHttpHandler { ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint.Port, cancellationToken) })
        {
            BaseAddress = _village.Coordinator,
        };
        var signedIn = await AskAsync(http, "sign-in", new { user = "mallory@example.org", password = "mallory's password", device = "" });
        http.DefaultRequestHeaders.Authorization = new("Bearer", signedIn.GetProperty("token").GetString());
        var proxy = await AskAsync(http, "proxy", new { excluding = Array.Empty<string>(), site = "alice", host = _bob.Status.Host });
        var pass = proxy.GetProperty("pass").GetString()!;
        Assert.Contains("mallory.userv.localhost", Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(pass.Split('.')[0])), StringComparison.Ordinal);
        var text = await SayAsync(
            _joe.Status.Url!.Port,
            $"GET {TunnelClient.Path} HTTP/1.1\r\nHost: {_joe.Status.Host}\r\nConnection: Upgrade\r\nUpgrade: {TunnelClient.Protocol}\r\nAuthorization: Bearer {pass}\r\n\r\n",
            mayStay: true);
        Assert.StartsWith("HTTP/1.1 101", text, StringComparison.Ordinal);
        using var browser = _village.NewBrowser();
        Assert.Equal("notes from behind the wall", (await browser.GetAsync($"{_bob.Status.Url}notes.txt")).Text);

        // Nor does a tunnel that leads to nobody give a name.
        using var lease = await http.PostAsJsonAsync("/api/v1/peer/lease", new { addresses = Array.Empty<string>(), port = _joe.Status.Url!.Port, isSecure = false, isProxy = false, via = "joe" });
        Assert.Equal(HttpStatusCode.Conflict, lease.StatusCode);
    }

    [Fact]
    public async Task Who_is_no_proxy_takes_no_tunnels()
    {
        var text = await SayAsync(
            _bob.Status.Url!.Port, $"GET {TunnelClient.Path} HTTP/1.1\r\nHost: {_bob.Status.Host}\r\nConnection: Upgrade\r\nUpgrade: {TunnelClient.Protocol}\r\n\r\n", mayStay: true);
        Assert.StartsWith("HTTP/1.1 404", text, StringComparison.Ordinal);
    }

    private static async Task<JsonElement> AskAsync(HttpClient http, string path, object wish)
    {
        using var answer = await http.PostAsJsonAsync($"/api/v1/peer/{path}", wish);
        return (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>()).Clone();
    }

    private static byte[] Large()
    {
        var content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        return content;
    }

    private static async Task<string> SayAsync(int port, string request, bool mayStay = false)
    {
        await using var stream = await ConnectAsync(port, CancellationToken.None);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        if (mayStay)
        {
            var buffer = new byte[1000];
            return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
        }

        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    private static async ValueTask<Stream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
