using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using P2P.YouSearch;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace QuickStart.Sites;

/// <summary>Is a coordinator with a server of DNS, and people who serve their own sites, all on loopback.</summary>
internal sealed class Village : IAsyncDisposable
{
    public const string Zone = "sites.localhost";

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly List<Resident> _residents = [];
    private readonly string _folder;
    private readonly string _password = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12));
    private Uri _coordinator = null!;
    private DnsServer _dns = null!;

    private Village(string folder) => _folder = folder;

    public IReadOnlyList<Resident> Residents => _residents;

    /// <summary>Where names are asked for.</summary>
    public IPEndPoint Dns => _dns.Endpoints[0];

    /// <summary>Starts the coordinator, and a peer for each name.</summary>
    /// <param name="folder">Where they keep what they have.</param>
    /// <param name="names">Who lives there.</param>
    /// <param name="moveIn">Puts files into somebody's site before it is served.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<Village> StartAsync(string folder, IReadOnlyList<string> names, Func<string, string, Task> moveIn, CancellationToken cancellationToken)
    {
        var village = new Village(folder);
        try
        {
            await village.StartCoordinatorAsync(names, cancellationToken);
            foreach (var name in names)
            {
                var site = Path.Combine(folder, name, "site");
                await moveIn(name, Directory.CreateDirectory(site).FullName);
                await village.StartPeerAsync(name, site, cancellationToken);
            }

            return village;
        }
        catch
        {
            await village.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }
    }

    private async Task StartCoordinatorAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var store = await SqliteCoordinatorStore.OpenAsync(Path.Combine(_folder, "coordinator", "coordinator.db"), cancellationToken: cancellationToken);
        _parts.Add(store);
        _dns = await DnsServer.StartAsync(
            new()
            {
                Zone = DnsName.Parse(Zone),
                NameServers = [DnsName.Parse($"ns.{Zone}")],
                Endpoints = [new(IPAddress.Loopback, 0)],
                Records = [DnsRecordSet.OfAddresses(DnsName.Parse($"ns.{Zone}"), IPAddress.Loopback), DnsRecordSet.OfAddresses(DnsName.Parse(Zone), IPAddress.Loopback)],
            },
            cancellationToken);
        _parts.Add(_dns);
        var accounts = new LocalAccounts(store);
        foreach (var name in names)
        {
            await accounts.SetAsync(UserId.Parse($"{name}@example.org"), _password, name, cancellationToken: cancellationToken);
        }

        // The coordinator's address has to be known before it listens, so its port is taken first, and handed over.
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var endpoint = (IPEndPoint)listener.LocalEndPoint!;
        _coordinator = new UriBuilder("http", Zone, endpoint.Port).Uri;
        var builder = NewBuilder(endpoint.Port);
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = _ => listener);
        builder.Services.AddSingleton<ICoordinatorStore>(store);
        builder.Services.AddSingleton<IDnsPublisher>(_dns);
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = Zone;
            options.PublicUrl = _coordinator;
            options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        });
        builder.Services.AddYouSearchRegistrar();
        var application = builder.Build();
        _parts.Add(application);
        application.MapYouServCoordinator();
        application.MapYouSearchRegistrar();
        await application.StartAsync(cancellationToken);
    }

    private async Task StartPeerAsync(string name, string site, CancellationToken cancellationToken)
    {
        var builder = NewBuilder(port: 0);
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new UriBuilder(_coordinator) { Host = "127.0.0.1" }.Uri);
            options.Folder = site;
            options.StateFolder = Path.Combine(_folder, name, "state");
            options.Addresses.Add(IPAddress.Loopback);
        });
        builder.Services.AddYouSearch();
        var application = builder.Build();
        _parts.Add(application);
        application.UseYouServPeer();
        await application.StartAsync(cancellationToken);

        var peer = application.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync($"{name}@example.org", _password, cancellationToken);
        await peer.WhenAsync(PeerState.Serving, cancellationToken);
        await peer.SetRuleAsync(new() { Path = SitePath.Parse(Resident.Shared), Audience = Audience.Everyone }, cancellationToken);
        _residents.Add(new(name, site, peer, application.Services.GetRequiredService<YouSearchPeer>()));
    }

    private static WebApplicationBuilder NewBuilder(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        return builder;
    }
}
