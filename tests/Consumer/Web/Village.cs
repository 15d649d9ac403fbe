using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouSearch;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace Consumer.Web;

/// <summary>Is a coordinator with a registrar, and peers that search, each an application of ASP.NET Core with a web server on loopback.</summary>
internal sealed class Village : IAsyncDisposable
{
    public const string Zone = "village.localhost";

    private readonly Scratch _scratch = new();
    private readonly List<WebApplication> _applications = [];
    private SqliteCoordinatorStore _store = null!;

    public static async Task<Village> StartAsync(IDnsPublisher dns, Func<ICoordinatorStore, IAuthenticator> newAuthenticator, CancellationToken cancellationToken)
    {
        var village = new Village();
        village._store = await SqliteCoordinatorStore.OpenAsync(village._scratch["coordinator.db"], cancellationToken: cancellationToken);
        var builder = NewBuilder();
        builder.Services.AddSingleton<ICoordinatorStore>(village._store);
        builder.Services.AddSingleton(dns);
        builder.Services.AddSingleton(newAuthenticator(village._store));
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = Zone;
            options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        });
        builder.Services.AddYouSearchRegistrar();

        var coordinator = builder.Build();
        coordinator.MapYouServCoordinator();
        coordinator.MapYouSearchRegistrar();
        await village.StartAsync(coordinator, cancellationToken);
        return village;
    }

    /// <summary>Gives somebody an account of the coordinator's own, for <see cref="LocalAccounts"/>.</summary>
    public async Task AddAccountAsync(string name, string password, CancellationToken cancellationToken) =>
        await new LocalAccounts(_store).SetAsync(UserId.Parse($"{name}@example.org"), password, name, cancellationToken: cancellationToken);

    public async Task<Resident> MoveInAsync(string name, CancellationToken cancellationToken, Action<IServiceCollection>? configure = null)
    {
        var builder = NewBuilder();
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new Uri(_applications[0].Urls.First()));
            options.Folder = _scratch[$"{name}/site"];
            options.StateFolder = _scratch[$"{name}/state"];
            options.Addresses.Add(IPAddress.Loopback);
        });
        builder.Services.AddYouSearch();
        configure?.Invoke(builder.Services);

        var application = builder.Build();
        application.UseYouServPeer();
        await StartAsync(application, cancellationToken);
        return new(_scratch[$"{name}/site"], application.Services.GetRequiredService<YouServPeer>(), application.Services.GetRequiredService<YouSearchPeer>());
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var application in Enumerable.Reverse(_applications))
        {
            await application.StopAsync();
            await application.DisposeAsync();
        }

        await _store.DisposeAsync();
        _scratch.Dispose();
    }

    private async Task StartAsync(WebApplication application, CancellationToken cancellationToken)
    {
        await application.StartAsync(cancellationToken);
        _applications.Add(application);
    }

    private static WebApplicationBuilder NewBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder;
    }
}
