using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using P2P.YouSearch.Http;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Lets a registrar live as long as its host does.</summary>
internal sealed class RegistrarService(IServiceProvider services, IOptions<RegistrarOptions> options, IOptions<CoordinatorOptions> coordinator) : IHostedService, IAsyncDisposable
{
    // Numbers up to twice as high are exact in all programs that read JSON.
    private const long SequenceMask = (1L << 52) - 1;

    private Registrar? _registrar;
    private readonly ILogger _logger = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<Registrar>();
    private RequestLimits? _limits;
    private RegistrarApi? _api;
    private CoordinatorSearch? _pages;

    public Registrar Registrar => _registrar ?? throw new YouSearchException("The registrar has not been started: it starts with its host.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        settings.Validate();
        var store = services.GetRequiredService<ICoordinatorStore>();
        _registrar = new Registrar(new(settings.ToSettings(), RandomNumber() & SequenceMask), new()
        {
            Vectors = settings.VectorHolders.Count == 0 ? new MatrixVectors(settings.MemoryMax) : new VectorFront([.. Links(settings)], (ulong)RandomNumber(), _logger),
            Places = new SiteFollower(store, store, coordinator.Value.Zone.ToLowerInvariant()),
            Probe = services.GetRequiredService<IPeerProbe>(),
            Clock = services.GetService<TimeProvider>() ?? TimeProvider.System,
            Logger = _logger,
            MeterFactory = services.GetService<IMeterFactory>(),
        });
        await _registrar.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => _registrar?.DisposeAsync().AsTask() ?? Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_registrar is not null)
        {
            await _registrar.DisposeAsync().ConfigureAwait(false);
        }

        _pages?.Dispose();
        _api?.Dispose();
        _limits?.Dispose();
    }

    public void Map(IEndpointRouteBuilder routes)
    {
        _limits ??= new RequestLimits(options.Value.AddressRequestsPerSecond, options.Value.UserRequestsPerSecond);
        _api ??= new RegistrarApi(() => Registrar, services.GetRequiredService<AskerVerifier>(), _limits);
        _api.Map(routes);
        _pages ??= new CoordinatorSearch(() => services.GetRequiredService<YouServCoordinator>(), () => Registrar, _limits, options.Value, new SearchMetrics(services.GetService<IMeterFactory>()), services.GetService<TimeProvider>() ?? TimeProvider.System, _logger);
        _pages.Map(routes);
    }

    private static long RandomNumber() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private static IEnumerable<IVectorLink> Links(RegistrarOptions options) =>
        options.VectorHolders.Select(url => new HttpVectorLink(
            url, options.VectorSecret, options.VectorHandler?.Invoke() ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false }));
}
