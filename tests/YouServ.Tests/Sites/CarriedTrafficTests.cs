using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;

namespace YouServ.Tests.Sites;

/// <summary>Whatever visitors and the owner say to a site passes a proxy as it is: by HTTP, and by HTTPS, of which the proxy sees nothing but noise.</summary>
public sealed class CarriedTrafficTests : IAsyncDisposable
{
    private const string Marker = "what nobody but the owner may know: 7d1f0c8e";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly RecordingNetwork _network = new();
    private readonly CancellationTokenSource _bound = new(Patience);
    private Village _village = null!;
    private YouServPeer _joe = null!;
    private YouServPeer _alice = null!;
    private string _folder = "";

    public async ValueTask DisposeAsync()
    {
        if (_village is not null)
        {
            await _village.DisposeAsync();
        }

        _bound.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_proxy_sees_what_passes_only_where_it_is_plain(bool isSecure)
    {
        await StartAsync(isSecure);
        await File.WriteAllTextAsync(Path.Combine(_folder, "secret.txt"), Marker, _bound.Token);
        using var browser = NewBrowser();
        using var asking = new HttpRequestMessage(HttpMethod.Get, new Uri(_alice.Status.Url!, "secret.txt")) { Headers = { { "X-Marker", Marker } } };
        using var answer = await browser.SendAsync(asking, _bound.Token);
        Assert.Equal(Marker, await answer.Content.ReadAsStringAsync(_bound.Token));
        Assert.True(_network.Count() > 0);
        Assert.Equal(!isSecure, _network.Holds(Encoding.UTF8.GetBytes(Marker)));
        Assert.Equal(_joe.Status.Host, _alice.Status.ProxyHost);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_WebSocket_passes(bool isSecure)
    {
        await StartAsync(isSecure);
        using var invoker = new HttpMessageInvoker(NewHandler());
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_alice.Status.Url!) { Scheme = isSecure ? "wss" : "ws", Path = "/echo" }.Uri, invoker, _bound.Token);
        for (var i = 0; i < 20; i++)
        {
            var message = Encoding.UTF8.GetBytes(new string((char)('a' + i), 1 + (i * 1000)));
            await socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, endOfMessage: true, _bound.Token);
            var said = new byte[message.Length];
            for (var filled = 0; filled < said.Length;)
            {
                filled += (await socket.ReceiveAsync(said.AsMemory(filled), _bound.Token)).Count;
            }

            Assert.Equal(message, said);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "", _bound.Token);
    }

    [Fact]
    public async Task Requests_of_HTTP_2_pass_side_by_side()
    {
        await StartAsync(isSecure: true);
        var large = new byte[2_000_000];
        new Random(1).NextBytes(large);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "large.bin"), large, _bound.Token);
        using var browser = NewBrowser();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            using var asking = new HttpRequestMessage(HttpMethod.Get, new Uri(_alice.Status.Url!, "large.bin")) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            using var answer = await browser.SendAsync(asking, _bound.Token);
            Assert.Equal(HttpVersion.Version20, answer.Version);
            Assert.Equal(large, await answer.Content.ReadAsByteArrayAsync(_bound.Token));
        }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_owner_uploads_a_large_file(bool isSecure)
    {
        await StartAsync(isSecure);
        using var browser = await _village.NewBrowserOfAsync("alice");
        var url = _alice.Status.Url!;
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync($"{url}.youserv/")).Status);
        var content = new byte[20_000_000];
        new Random(2).NextBytes(content);
        var created = await browser.SendAsync(
            HttpMethod.Post,
            $"{url}.youserv/api/files/uploads",
            Tus([], ("Upload-Length", content.Length.ToString(CultureInfo.InvariantCulture)), ("Upload-Metadata", $"filename {Convert.ToBase64String("large.bin"u8)}")),
            url.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.Created, created.Status);
        var sent = await browser.SendAsync(HttpMethod.Patch, new Uri(url, created.Headers.Location!).AbsoluteUri, Tus(content, ("Upload-Offset", "0")), url.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.NoContent, sent.Status);
        Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(_folder, "large.bin"), _bound.Token));
    }

    private async Task StartAsync(bool isSecure)
    {
        _village = await Village.StartAsync(options => options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8")), new() { IsSecure = isSecure });
        (_joe, _) = await _village.AddPeerAsync("joe", options: options => options.IsProxy = true, network: _network);
        (_alice, _folder) = await _village.AddPeerAsync(
            "alice", services => services.AddSingleton<IYouServPlugin>(new EchoSocket()), options => options.Addresses.Add(IPAddress.Parse("127.0.0.99")));
        await _alice.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
    }

    private static ByteArrayContent Tus(byte[] body, params (string Name, string Value)[] headers)
    {
        var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("Tus-Resumable", "1.0.0");
        content.Headers.ContentType = new("application/offset+octet-stream");
        foreach (var (name, value) in headers)
        {
            content.Headers.TryAddWithoutValidation(name, value);
        }

        return content;
    }

    private HttpClient NewBrowser() => new(NewHandler());

    /// <summary>Trusts the zone's authority, and nobody else.</summary>
    private SocketsHttpHandler NewHandler()
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPem(_village.Authority);
        return new()
        {
            SslOptions = { CertificateChainPolicy = trust },
            ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
    }
}
