using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;
using YouServ.Tests.Coordination;

namespace YouServ.Tests.Sites;

/// <summary>A coordinator and peers on this machine, over real sockets.</summary>
internal sealed class Village : IAsyncDisposable
{
    public const string Zone = "userv.localhost";

    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _running = [];
    private readonly VillageGround _ground;

    private Village(VillageGround ground) => _ground = ground;

    public MemoryDns Dns { get; } = new();

    public SqliteCoordinatorStore Store { get; private set; } = null!;

    public Uri Coordinator { get; private set; } = null!;

    /// <summary>The coordinator itself.</summary>
    public YouServCoordinator Service { get; private set; } = null!;

    /// <summary>Whom visitors by HTTPS are to believe (PEM).</summary>
    public string Authority { get; private set; } = "";

    public static async Task<Village> StartAsync(Action<CoordinatorOptions>? configure = null, VillageGround? ground = null)
    {
        var village = new Village(ground ?? new());
        village.Store = await SqliteCoordinatorStore.OpenAsync(village._folder.In("coordinator.db"));
        village._running.Add(village.Store);
        var accounts = new LocalAccounts(village.Store);
        await accounts.SetAsync(UserId.Parse("joe@example.org"), "joe's password", "Joe");
        await accounts.SetAsync(UserId.Parse("alice@example.org"), "alice's password", "Alice", ["staff"]);
        await accounts.SetAsync(UserId.Parse("mallory@example.org"), "mallory's password", "Mallory");

        var builder = village.NewBuilder("");
        builder.Services.AddSingleton<ICoordinatorStore>(village.Store).AddSingleton(village._ground.Dns ?? village.Dns);
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = village._ground.Zone;
            options.HeartbeatInterval = TimeSpan.FromSeconds(1);
            configure?.Invoke(options);
        });
        village._ground.Services?.Invoke(builder.Services);
        var application = builder.Build();
        application.MapYouServCoordinator();
        village._ground.Routes?.Invoke(application);
        await application.StartAsync();
        village._running.Add(application);
        village.Service = application.Services.GetRequiredService<YouServCoordinator>();
        village.Authority = village.Service.AuthorityCertificate;
        village.Coordinator = new UriBuilder(village._ground.Scheme, village._ground.Zone, PortOf(application)).Uri;
        return village;
    }

    /// <summary>Makes somebody known, who has not been so far.</summary>
    public async Task AddUserAsync(string user, params string[] groups) => await new LocalAccounts(Store).SetAsync(UserId.Parse($"{user}@example.org"), $"{user}'s password", user, groups);

    /// <summary>Makes a village whose coordinator stands elsewhere.</summary>
    public static Village At(Uri coordinator) => new(new()) { Coordinator = coordinator };

    /// <summary>Starts a peer and signs its user in.</summary>
    public async Task<(YouServPeer Peer, string Folder)> AddPeerAsync(
        string user, Action<IServiceCollection>? configure = null, Action<PeerOptions>? options = null, IConnectionListenerFactory? network = null)
    {
        var builder = NewBuilder(user);
        if (network is not null)
        {
            builder.Services.AddSingleton(network);
        }

        var folder = _folder.In("sites", user);
        builder.Services.AddYouServPeer(settings =>
        {
            settings.Coordinators.Add(Coordinator);
            settings.Folder = folder;
            settings.StateFolder = _folder.In("states", user);
            settings.HttpHandler = NewHandler;
            if (_ground.Places is { } places)
            {
                settings.Addresses.Add(places[user]);
            }

            options?.Invoke(settings);
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

    /// <summary>Stops somebody's peer, as its owner does who switches the machine off.</summary>
    public async Task StopPeerAsync(YouServPeer peer)
    {
        var application = ApplicationOf(peer);
        _running.Remove(application);
        await application.StopAsync();
        await application.DisposeAsync();
    }

    /// <summary>What a peer is made of.</summary>
    public IServiceProvider ServicesOf(YouServPeer peer) => ApplicationOf(peer).Services;

    public Browser NewBrowser() => new(_ => IPAddress.Loopback, Trust());

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

    private WebApplication ApplicationOf(YouServPeer peer) => _running.OfType<WebApplication>().Single(running => running.Services.GetService<YouServPeer>() == peer);

    private WebApplicationBuilder NewBuilder(string user)
    {
        // Without it each peer watches its settings: systems have a bounded number of watches, and sites need them.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production", Args = ["--hostBuilder:reloadConfigOnChange=false"] });
        builder.WebHost.ConfigureKestrel(server =>
        {
            var place = new IPEndPoint(_ground.Places?[user] ?? IPAddress.Loopback, _ground.Places is null ? 0 : 443);
            server.Listen(place, listen =>
            {
                if (_ground.IsSecure)
                {
                    listen.UseHttps();
                }
            });
        });
        builder.Services.Configure<LoggerFilterOptions>(options => options.MinLevel = LogLevel.Warning);
        return builder;
    }

    /// <summary>Makes what peers call the coordinator with: its name is known to no system that they could ask.</summary>
    private SocketsHttpHandler NewHandler() => new()
    {
        ConnectCallback = async (context, cancellationToken) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(_ground.Places?[""] ?? IPAddress.Loopback, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
        SslOptions = { CertificateChainPolicy = Trust() },
    };

    private X509ChainPolicy? Trust()
    {
        if (Authority.Length == 0)
        {
            return null;
        }

        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(Authority);
        return policy;
    }

    private static int PortOf(WebApplication application) =>
        new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
}
