using System.Net;
using Microsoft.AspNetCore.Connections;
using P2P.YouSearch;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace PersonalWeb;

/// <summary>
/// A coordinator, a server of DNS, and peers, in one process. Each peer has a loopback address of its own, where its name points in DNS; browsers, which take every name
/// that ends with localhost for 127.0.0.1, find it there too.
/// </summary>
internal sealed class Village : IAsyncDisposable
{
    public const string Zone = "userv.localhost";
    public const string Password = "open sesame";

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly Dictionary<string, Resident> _residents = new(StringComparer.Ordinal);

    public IReadOnlyCollection<Resident> Residents => _residents.Values;

    public Uri Coordinator { get; private set; } = null!;

    public IPEndPoint DnsEndpoint { get; private set; } = null!;

    public static async Task<Village> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var village = new Village();
        try
        {
            await village.StartCoordinatorAsync(folder, cancellationToken);
            await village.MoveInAsync(Path.Combine(folder, "joe"), "joe", IPAddress.Parse("127.0.0.2"), cancellationToken);
            await village.MoveInAsync(Path.Combine(folder, "alice"), "alice", IPAddress.Parse("127.0.0.3"), cancellationToken);
            await village.MoveInBehindWallAsync(Path.Combine(folder, "bob"), "bob", IPAddress.Parse("127.0.0.4"), cancellationToken);
            return village;
        }
        catch
        {
            await village.DisposeAsync();
            throw;
        }
    }

    public Resident this[string name] => _residents[name];

    /// <summary>Cuts somebody's power: no goodbye to anybody.</summary>
    public async Task CrashAsync(string name)
    {
        _parts.Remove(this[name].Application);
        await this[name].Application.DisposeAsync();
    }

    /// <summary>Switches somebody's machine on again, with the same folders.</summary>
    public Task SwitchOnAsync(string name, CancellationToken cancellationToken) => MoveInAsync(this[name].Folder, name, this[name].Address, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Enumerable.Reverse(_parts))
        {
            if (part is WebApplication application)
            {
                await application.StopAsync();
            }

            await part.DisposeAsync();
        }
    }

    private async Task StartCoordinatorAsync(string folder, CancellationToken cancellationToken)
    {
        var store = await SqliteCoordinatorStore.OpenAsync(Path.Combine(folder, "coordinator", "coordinator.db"), cancellationToken: cancellationToken);
        _parts.Add(store);

        var dns = await DnsServer.StartAsync(new()
        {
            Zone = DnsName.Parse(Zone),
            NameServers = [DnsName.Parse($"ns.{Zone}")],
            Endpoints = [new(IPAddress.Loopback, 0)],
            Path = Path.Combine(folder, "coordinator", "dns.db"),
            Records = [DnsRecordSet.OfAddresses(DnsName.Parse($"ns.{Zone}"), IPAddress.Loopback), DnsRecordSet.OfAddresses(DnsName.Parse(Zone), IPAddress.Loopback)],
        }, cancellationToken);
        _parts.Add(dns);
        DnsEndpoint = dns.Endpoints[0];

        var accounts = new LocalAccounts(store);
        await accounts.SetAsync(UserId.Parse("joe@example.org"), Password, "Joe", ["family"], cancellationToken);
        await accounts.SetAsync(UserId.Parse("alice@example.org"), Password, "Alice", ["family"], cancellationToken);
        await accounts.SetAsync(UserId.Parse("bob@example.org"), Password, "Bob", ["family"], cancellationToken);

        var url = new UriBuilder("http", Zone, FreePort(IPAddress.Loopback)).Uri;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<ICoordinatorStore>(store);
        builder.Services.AddSingleton<IDnsPublisher>(dns);
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = Zone;
            options.PublicUrl = url;
            options.HeartbeatInterval = TimeSpan.FromSeconds(2); // Else 15: here nobody wants to wait.
            options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        });
        // snippet: add-a-registrar
        builder.Services.AddYouSearchRegistrar();
        // end of snippet
        var application = Build(builder, $"http://127.0.0.1:{url.Port}");
        application.MapYouServCoordinator();
        // snippet: add-a-registrar
        application.MapYouSearchRegistrar();
        // end of snippet
        await application.StartAsync(cancellationToken);
        _parts.Add(application);
        Coordinator = url;
    }

    private async Task MoveInAsync(string folder, string name, IPAddress address, CancellationToken cancellationToken)
    {
        var port = FreePort(address);
        var files = Path.Combine(folder, "site");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new UriBuilder(Coordinator) { Host = "127.0.0.1" }.Uri);
            options.Folder = files;
            options.StateFolder = Path.Combine(folder, "state");
            options.Device = $"{name}’s laptop";
            options.Addresses.Add(address);
            options.IsProxy = name == "joe";
        });
        // snippet: add-search
        builder.Services.AddYouSearch();
        // end of snippet
        var application = Build(builder, $"http://{address}:{port}", $"http://127.0.0.1:{port}");
        application.UseYouServPeer();
        await application.StartAsync(cancellationToken);

        var peer = application.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync($"{name}@example.org", Password, cancellationToken);
        await peer.WhenAsync(PeerState.Serving, cancellationToken);
        await SettleAsync(new(name, folder, address, peer, application), cancellationToken);
    }

    /// <summary>Nobody gets through to this machine; joe's carries its visitors.</summary>
    private async Task MoveInBehindWallAsync(string folder, string name, IPAddress address, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<IConnectionListenerFactory>(new WalledNetwork());
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new UriBuilder(Coordinator) { Host = "127.0.0.1" }.Uri);
            options.Folder = Path.Combine(folder, "site");
            options.StateFolder = Path.Combine(folder, "state");
            options.Device = $"{name}’s laptop";
            options.Addresses.Add(address);
        });
        builder.Services.AddYouSearch();
        var application = Build(builder, $"http://{address}:{FreePort(address)}");
        application.UseYouServPeer();
        await application.StartAsync(cancellationToken);
        var peer = application.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync($"{name}@example.org", Password, cancellationToken);
        await peer.WhenAsync(PeerState.Serving, cancellationToken);
        await SettleAsync(new(name, folder, address, peer, application), cancellationToken);
    }

    private async Task SettleAsync(Resident resident, CancellationToken cancellationToken)
    {
        _parts.Add(resident.Application);
        var welcome = Path.Combine(resident.Site, "welcome.txt");
        if (!File.Exists(welcome))
        {
            await File.WriteAllTextAsync(
                welcome, $"This is {resident.Name}'s site, served by {resident.Name}'s own machine.\n", cancellationToken);
        }

        PublishNotes(resident);
        await resident.Peer.SetRuleAsync(new() { Path = SitePath.Parse("notes"), Audience = Audience.SignedIn }, cancellationToken);
        _residents[resident.Name] = resident;
    }

    /// <summary>Gives everybody something to be found: the documents of this project, a part to each.</summary>
    private static void PublishNotes(Resident resident)
    {
        var (from, to) = (Path.Combine(AppContext.BaseDirectory, "Notes", resident.Name), Path.Combine(resident.Site, "notes"));
        if (Directory.Exists(to) || !Directory.Exists(from))
        {
            return;
        }

        Directory.CreateDirectory(to);
        foreach (var note in Directory.EnumerateFiles(from))
        {
            File.Copy(note, Path.Combine(to, Path.GetFileName(note)));
        }
    }

    private static WebApplication Build(WebApplicationBuilder builder, params string[] urls)
    {
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls(urls);
        return builder.Build();
    }

    /// <summary>Finds a port that is free at both addresses of a peer.</summary>
    private static int FreePort(IPAddress address)
    {
        while (true)
        {
            using var first = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            if (address.Equals(IPAddress.Loopback))
            {
                return port;
            }

            try
            {
                using var second = new System.Net.Sockets.TcpListener(address, port);
                second.Start();
                return port;
            }
            catch (System.Net.Sockets.SocketException failure) when (failure.SocketErrorCode == System.Net.Sockets.SocketError.AddressAlreadyInUse)
            {
            }
        }
    }
}

/// <summary>Somebody in the village.</summary>
internal sealed record Resident(string Name, string Folder, IPAddress Address, YouServPeer Peer, WebApplication Application)
{
    /// <summary>The folder that is the site.</summary>
    public string Site => Path.Combine(Folder, "site");

    public YouSearchPeer Search => Application.Services.GetRequiredService<YouSearchPeer>();
}
