using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;
using P2P.YouServ.Dns;
using YouServ.Tests.Coordination;

namespace YouServ.Tests.Sites;

/// <summary>A coordinator and peers on loopback, over real sockets.</summary>
internal sealed class Village : IAsyncDisposable
{
    public const string Zone = "userv.localhost";

    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _running = [];

    public MemoryDns Dns { get; } = new();

    public SqliteCoordinatorStore Store { get; private set; } = null!;

    public Uri Coordinator { get; private set; } = null!;

    public static async Task<Village> StartAsync(Action<CoordinatorOptions>? configure = null)
    {
        var village = new Village();
        village.Store = await SqliteCoordinatorStore.OpenAsync(village._folder.In("coordinator.db"));
        village._running.Add(village.Store);
        var accounts = new LocalAccounts(village.Store);
        await accounts.SetAsync(UserId.Parse("joe@example.org"), "joe's password", "Joe");
        await accounts.SetAsync(UserId.Parse("alice@example.org"), "alice's password", "Alice", ["staff"]);
        await accounts.SetAsync(UserId.Parse("mallory@example.org"), "mallory's password", "Mallory");

        var builder = NewBuilder();
        builder.Services.AddSingleton<ICoordinatorStore>(village.Store).AddSingleton<IDnsPublisher>(village.Dns);
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = Zone;
            options.HeartbeatInterval = TimeSpan.FromSeconds(1);
            configure?.Invoke(options);
        });
        var application = builder.Build();
        application.MapYouServCoordinator();
        await application.StartAsync();
        village._running.Add(application);
        village.Coordinator = new UriBuilder("http", Zone, PortOf(application)).Uri;
        return village;
    }

    /// <summary>Starts a peer and signs its user in.</summary>
    public async Task<(YouServPeer Peer, string Folder)> AddPeerAsync(string user, Action<IServiceCollection>? configure = null)
    {
        var builder = NewBuilder();
        var folder = _folder.In("sites", user);
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(Coordinator);
            options.Folder = folder;
            options.StateFolder = _folder.In("states", user);
            options.HttpHandler = () => new SocketsHttpHandler { ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint.Port, cancellationToken) };
        });
        configure?.Invoke(builder.Services);
        var application = builder.Build();
        application.UseYouServPeer();
        await application.StartAsync();
        _running.Add(application);
        var peer = application.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync($"{user}@example.org", $"{user}'s password");
        await peer.WhenAsync(PeerState.Serving);
        return (peer, folder);
    }

    public Browser NewBrowser() => new(_ => IPAddress.Loopback);

    /// <summary>Opens a browser in which somebody has signed in at the coordinator.</summary>
    public async Task<Browser> NewBrowserOfAsync(string user)
    {
        var browser = NewBrowser();
        var page = await browser.PostAsync($"{Coordinator}sign-in", ("user", $"{user}@example.org"), ("password", $"{user}'s password"), ("return", "/"));
        Assert.Equal(HttpStatusCode.OK, page.Status);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        _running.Reverse();
        foreach (var part in _running)
        {
            if (part is WebApplication application)
            {
                await application.StopAsync();
            }

            await part.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.Configure<Microsoft.Extensions.Logging.LoggerFilterOptions>(options => options.MinLevel = Microsoft.Extensions.Logging.LogLevel.Warning);
        return builder;
    }

    private static int PortOf(WebApplication application) =>
        new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

    private static async ValueTask<Stream> ConnectAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        return new System.Net.Sockets.NetworkStream(socket, ownsSocket: true);
    }
}
