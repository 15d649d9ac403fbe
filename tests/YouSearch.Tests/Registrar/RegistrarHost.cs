using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouSearch;
using P2P.YouSearch.Http;
using P2P.YouServ;
using P2P.YouServ.Dns;
using YouServ.Tests;

namespace YouSearch.Tests.Registrar;

/// <summary>A coordinator with a registrar beside it, as they are deployed, on this machine's sockets.</summary>
internal sealed class RegistrarHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IAsyncDisposable> _running = [];

    public const string Zone = "userv.example";

    public Uri Url { get; private set; } = null!;

    public WebApplication Application { get; private set; } = null!;

    private YouServCoordinator Coordinator => Application.Services.GetRequiredService<YouServCoordinator>();

    public static async Task<RegistrarHost> StartAsync(Action<RegistrarOptions>? configure = null)
    {
        var host = new RegistrarHost();
        var store = await SqliteCoordinatorStore.OpenAsync(host._folder.In("coordinator.db"));
        host._running.Add(store);
        var accounts = new LocalAccounts(store);
        foreach (var (user, group) in ((string, string)[])[("joe", "staff"), ("alice", "staff"), ("mallory", "sales")])
        {
            await accounts.SetAsync(UserId.Parse($"{user}@example.org"), $"{user}'s password", user, [group]);
        }

        var builder = NewBuilder();
        builder.Services.AddSingleton<ICoordinatorStore>(store).AddSingleton<IDnsPublisher, NoDns>();
        builder.Services.AddYouServCoordinator(options => options.Zone = Zone).AddYouSearchRegistrar(configure);
        host.Application = builder.Build();
        host.Application.MapYouServCoordinator();
        host.Application.MapYouSearchRegistrar();
        await host.Application.StartAsync();
        host._running.Add(host.Application);
        host.Url = new Uri(host.Application.Urls.First());
        return host;
    }

    /// <summary>Starts a process's worth of what holds a vector.</summary>
    public static async Task<(WebApplication Application, Uri Url)> StartVectorAsync(int vector, string secret)
    {
        var builder = NewBuilder();
        builder.Services.AddYouSearchVectors(options => (options.Vector, options.Secret) = (vector, secret));
        var application = builder.Build();
        application.MapYouSearchVectors();
        await application.StartAsync();
        return (application, new Uri(application.Urls.First()));
    }

    /// <summary>Reaches the registrar as the peer of a user does who has signed in; or of nobody.</summary>
    public async Task<HttpRegistrar> ConnectAsync(string? user, params Uri[] coordinators)
    {
        Uri[] urls = coordinators.Length > 0 ? coordinators : [Url];
        if (user is null)
        {
            return new(urls, new SocketsHttpHandler(), static (_, _) => new((string?)null));
        }

        return await ConnectThroughAsync(user, new SocketsHttpHandler(), urls);
    }

    /// <summary>The same, through a wire of the test's own.</summary>
    public async Task<HttpRegistrar> ConnectThroughAsync(string user, HttpMessageHandler handler, params Uri[] coordinators)
    {
        var signedIn = Assert.IsType<SignInResult.SignedIn>(await Coordinator.SignInAsync(user, $"{user.Split('@')[0]}'s password", SessionKind.Peer, "", System.Net.IPAddress.Loopback));
        var prover = await Coordinator.GetProverAsync(signedIn.Session);
        return new(coordinators.Length > 0 ? coordinators : [Url], handler, (message, _) => new(prover.Prove(Zone, message.Span)));
    }

    public async ValueTask DisposeAsync()
    {
        for (var index = _running.Count - 1; index >= 0; index--)
        {
            await _running[index].DisposeAsync();
        }

        _folder.Dispose();
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }
}
