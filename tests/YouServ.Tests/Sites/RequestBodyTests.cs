using System.Net;
using System.Text;
using System.Text.Json;
using P2P.YouServ;

namespace YouServ.Tests.Sites;

public sealed class RequestBodyTests : IAsyncLifetime
{
    private Village _village = null!;
    private YouServPeer _joe = null!;

    public async Task InitializeAsync()
    {
        _village = await Village.StartAsync();
        (_joe, _) = await _village.AddPeerAsync("joe");
    }

    public async Task DisposeAsync() => await _village.DisposeAsync();

    [Theory]
    [InlineData("""{"user":"alice@example.org","password":"alice's password"}""", HttpStatusCode.OK)]
    [InlineData("""{"user":"alice@example.org","password":"alice's password","device":null}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"user":null,"password":"alice's password"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"user":"alice@example.org","password":null}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"user":"alice@example.org"}""", HttpStatusCode.BadRequest)]
    [InlineData("null", HttpStatusCode.BadRequest)]
    public async Task A_sign_in_says_what_it_must(string body, HttpStatusCode expected) => Assert.Equal(expected, (await CallAsync("sign-in", body)).Status);

    [Theory]
    [InlineData("lease", """{"port":1}""", HttpStatusCode.Forbidden)]
    [InlineData("lease", """{"port":1,"addresses":null}""", HttpStatusCode.BadRequest)]
    [InlineData("lease", """{"port":1,"addresses":[null]}""", HttpStatusCode.BadRequest)]
    [InlineData("heartbeat", """{"leaseId":null}""", HttpStatusCode.BadRequest)]
    [InlineData("release", """{"leaseId":null}""", HttpStatusCode.BadRequest)]
    [InlineData("certificate", """{"request":null}""", HttpStatusCode.BadRequest)]
    public async Task A_peer_says_what_it_must(string path, string body, HttpStatusCode expected)
    {
        var reply = await CallAsync("sign-in", """{"user":"alice@example.org","password":"alice's password"}""");
        using var signedIn = JsonDocument.Parse(reply.Text);
        Assert.Equal(expected, (await CallAsync(path, body, signedIn.RootElement.GetProperty("token").GetString())).Status);
    }

    [Theory]
    [InlineData("""{"path":"x","audience":"everyone"}""", HttpStatusCode.NoContent)]
    [InlineData("""{"path":"x","audience":"everyone","users":null}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"path":null,"audience":"everyone"}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"path":"x","audience":"named","users":[null]}""", HttpStatusCode.BadRequest)]
    [InlineData("""{"path":"x","audience":"named","groups":[null]}""", HttpStatusCode.NoContent)]
    public async Task A_rule_says_what_it_must(string body, HttpStatusCode expected)
    {
        using var owner = await _village.NewBrowserOfAsync("joe");
        await owner.GetAsync($"{_joe.Status.Url}.youserv/");
        Assert.Equal(expected, (await owner.SendAsync(HttpMethod.Put, $"{_joe.Status.Url}.youserv/api/rule", new StringContent(body, Encoding.UTF8, "application/json"))).Status);
    }

    [Theory]
    [InlineData(2_000, 1, HttpStatusCode.BadRequest)]
    [InlineData(1, 100_000, HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_form_has_bounds(int fields, int length, HttpStatusCode expected)
    {
        using var browser = _village.NewBrowser();
        var page = await browser.PostAsync($"{_village.Coordinator}sign-in", [.. Enumerable.Range(0, fields).Select(i => ($"field{i}", new string('x', length)))]);
        Assert.Equal(expected, page.Status);
    }

    [Fact]
    public async Task A_form_brings_no_files()
    {
        using var browser = _village.NewBrowser();
        using var form = new MultipartFormDataContent { { new StringContent("alice@example.org"), "user" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SendAsync(HttpMethod.Post, $"{_village.Coordinator}sign-in", form)).Status);
    }

    [Fact]
    public async Task Who_is_to_be_led_to_a_path_that_no_header_can_hold_is_led_home()
    {
        using var browser = _village.NewBrowser();
        var page = await browser.PostAsync($"{_village.Coordinator}sign-in", ("user", "alice@example.org"), ("password", "alice's password"), ("return", "/für"));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        Assert.Equal(_village.Coordinator, browser.Location);
    }

    private async Task<Page> CallAsync(string path, string body, string? token = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, new UriBuilder(_village.Coordinator) { Host = "127.0.0.1", Path = $"/api/v1/peer/{path}" }.Uri)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Authorization = token is null ? null : new("Bearer", token);
        using var response = await http.SendAsync(request);
        return new(response.StatusCode, null, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers);
    }
}
