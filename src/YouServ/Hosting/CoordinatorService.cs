using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using P2P.YouServ.Certificates;
using P2P.YouServ.Dns;
using P2P.YouServ.Http;

namespace P2P.YouServ.Hosting;

/// <summary>Lets a coordinator live as long as its host does.</summary>
internal sealed class CoordinatorService(IServiceProvider services, IOptions<CoordinatorOptions> options) : IHostedService, IAsyncDisposable
{
    private YouServCoordinator? _coordinator;
    private CoordinatorCertificate? _certificate;

    public YouServCoordinator Coordinator => _coordinator ?? throw new YouServException("The coordinator has not been started: it starts with its host.");

    /// <summary>What visitors by HTTPS are shown.</summary>
    public X509Certificate2? Certificate => _certificate?.Current;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _coordinator = await YouServCoordinator.StartAsync(
            options.Value,
            new()
            {
                Store = services.GetRequiredService<ICoordinatorStore>(),
                Dns = services.GetRequiredService<IDnsPublisher>(),
                Authenticators = [.. services.GetServices<IAuthenticator>()],
                Probe = services.GetService<IPeerProbe>(),
                LoggerFactory = services.GetService<ILoggerFactory>(),
                MeterFactory = services.GetService<IMeterFactory>(),
            },
            cancellationToken).ConfigureAwait(false);
        _certificate = new CoordinatorCertificate(_coordinator);
    }

    /// <summary>The web server has stopped before, so that no heartbeats come any more: from here on the coordinator must take names from nobody. Store and DNS still stand.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public async ValueTask DisposeAsync()
    {
        if (_coordinator is not null)
        {
            await _coordinator.DisposeAsync().ConfigureAwait(false);
        }
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        new PeerApi(() => Coordinator).Map(routes);
        new CoordinatorPages(() => Coordinator).Map(routes);
    }
}
