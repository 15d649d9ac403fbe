using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace Architecture.Tests.Seams.YouServ;

/// <summary>
/// A coordinator and a peer whose store, names, users, probe and wires are all a program's own, made with the public face alone: this project sees no internals.
/// </summary>
public sealed class YouServSeamTests : IAsyncLifetime
{
    private static readonly IPAddress Home = IPAddress.Parse("192.0.2.7");

    private readonly MemoryTransport _transport = new();
    private readonly Names _names = new();
    private readonly Doorbell _doorbell = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("youserv-seams-").FullName;
    private readonly List<WebApplication> _running = [];

    public async Task InitializeAsync()
    {
        var builder = NewBuilder(5001);
        builder.Services.AddSingleton<ICoordinatorStore>(new MemoryCoordinatorStore(new(), TimeProvider.System));
        builder.Services.AddSingleton<IDnsPublisher>(_names);
        builder.Services.AddSingleton<IAuthenticator>(new Badges());
        builder.Services.AddSingleton<IPeerProbe>(_doorbell);
        builder.Services.AddYouServCoordinator(options => options.Zone = "seams.localhost");
        var coordinator = builder.Build();
        coordinator.MapYouServCoordinator();
        await coordinator.StartAsync();
        _running.Add(coordinator);
    }

    public async Task DisposeAsync()
    {
        _running.Reverse();
        foreach (var application in _running)
        {
            await application.StopAsync();
            await application.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task All_that_sites_stand_on_may_be_one_s_own()
    {
        var peer = await AddPeerAsync();
        await peer.SignInAsync("badge-7", "0000");
        await peer.WhenAsync(PeerState.Serving);
        Assert.Equal(["192.0.2.7"], _names["seven.seams.localhost", DnsRecordType.A]);
        Assert.Equal(("seven.seams.localhost", Home, 5002), _doorbell.Rung);

        await File.WriteAllTextAsync(Path.Combine(_folder, "site", "notes.txt"), "notes");
        await peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
        using var browser = new HttpClient(_transport.NewHandler(IPAddress.Parse("198.51.100.1")));
        Assert.Equal("notes", await browser.GetStringAsync(new Uri(peer.Status.Url!, "notes.txt")));

        await peer.SignOutAsync();
        Assert.Empty(_names["seven.seams.localhost", DnsRecordType.A]);
    }

    [Fact]
    public async Task Who_rings_in_vain_gets_no_name()
    {
        _doorbell.IsAnswered = false;
        var peer = await AddPeerAsync();
        await peer.SignInAsync("badge-7", "0000");
        await peer.WhenAsync(PeerState.Unreachable);
        Assert.Empty(_names["seven.seams.localhost", DnsRecordType.A]);
    }

    [Fact]
    public async Task Who_is_refused_is_told_so()
    {
        var peer = await AddPeerAsync();
        await Assert.ThrowsAsync<YouServException>(() => peer.SignInAsync("badge-7", "1111").AsTask());
        await Assert.ThrowsAsync<YouServException>(() => peer.SignInAsync("badge-8", "0000").AsTask());
        Assert.Equal(PeerState.SignedOut, peer.Status.State);
    }

    private async Task<YouServPeer> AddPeerAsync()
    {
        var builder = NewBuilder(5002);
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new Uri("http://seams.localhost:5001"));
            options.Folder = Path.Combine(_folder, "site");
            options.StateFolder = Path.Combine(_folder, "state");
            options.HttpHandler = () => _transport.NewHandler(Home);
        });
        var application = builder.Build();
        application.UseYouServPeer();
        await application.StartAsync();
        _running.Add(application);
        return application.Services.GetRequiredService<YouServPeer>();
    }

    private WebApplicationBuilder NewBuilder(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.AddSingleton<IConnectionListenerFactory>(_transport);
        return builder;
    }

    /// <summary>Keeps names where the program wants them.</summary>
    private sealed class Names : IDnsPublisher
    {
        private readonly Dictionary<(DnsName, DnsRecordType), IReadOnlyList<string>> _sets = [];

        public IReadOnlyList<string> this[string name, DnsRecordType type]
        {
            get
            {
                lock (_sets)
                {
                    return _sets.GetValueOrDefault((DnsName.Parse(name), type), []);
                }
            }
        }

        public ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
        {
            lock (_sets)
            {
                foreach (var change in changes)
                {
                    _sets[(change.Name, change.Type)] = change.Values;
                }
            }

            return default;
        }
    }

    /// <summary>Knows people by what they wear.</summary>
    private sealed class Badges : IAuthenticator
    {
        public ValueTask<AuthenticationResult> AuthenticateAsync(string userName, string password, CancellationToken cancellationToken = default) =>
            new(userName != "badge-7" ? new AuthenticationResult.UnknownUser()
                : password != "0000" ? new AuthenticationResult.WrongPassword()
                : new AuthenticationResult.Accepted(UserId.Parse("seven@example.org"), "Seven", ["staff"]));
    }

    /// <summary>Says what the test wants of who can be reached.</summary>
    private sealed class Doorbell : IPeerProbe
    {
        public bool IsAnswered { get; set; } = true;

        public (string Host, IPAddress Address, int Port) Rung { get; private set; }

        public ValueTask<bool> IsReachableAsync(string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken)
        {
            Rung = (host, address, port);
            return new(IsAnswered);
        }
    }
}
