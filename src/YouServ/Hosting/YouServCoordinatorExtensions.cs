using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using P2P.YouServ;
using P2P.YouServ.Dns;
using P2P.YouServ.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a coordinator of YouServ to an application of ASP.NET Core.</summary>
public static class YouServCoordinatorExtensions
{
    /// <summary>
    /// Adds a coordinator, which starts and stops with the host, injected as <see cref="YouServCoordinator"/>. It takes <see cref="ICoordinatorStore"/> and <see cref="IDnsPublisher"/> from the container, each
    /// <see cref="IAuthenticator"/> that is there (without one it knows the accounts in the store), and <see cref="IPeerProbe"/>, which it adds where there is none.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the coordinator up. Calling the method again adds to the set-up.</param>
    public static IServiceCollection AddYouServCoordinator(this IServiceCollection services, Action<CoordinatorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<CoordinatorOptions>();
        services.TryAddSingleton<IPeerProbe, HttpPeerProbe>();
        services.TryAddSingleton<CoordinatorService>();
        services.TryAddSingleton(provider => provider.GetRequiredService<CoordinatorService>().Coordinator);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, CoordinatorService>(provider => provider.GetRequiredService<CoordinatorService>()));
        HttpsByItself.Add(
            services, provider => provider.GetRequiredService<IOptions<CoordinatorOptions>>().Value.HasOwnCertificate, provider => provider.GetRequiredService<CoordinatorService>().Certificate);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    /// <summary>
    /// Answers peers below <c>/api/v1</c>, and people at <c>/</c>, <c>/sign-in</c>, <c>/sign-out</c>, <c>/sessions</c>, <c>/authorize</c>, <c>/state</c>, <c>/authority.crt</c> and below
    /// <c>/assets</c>. <c>/health</c> tells what spreads load whether to send requests here: 200, or 503 and why not.
    /// </summary>
    /// <param name="routes">The application. What it has in front must leave the address from which a request comes, or set it as the middleware for forwarded headers does: it limits guesses at passwords, and is where peers are.</param>
    /// <exception cref="YouServException">There is no coordinator: <see cref="AddYouServCoordinator"/> was not called.</exception>
    public static IEndpointRouteBuilder MapYouServCoordinator(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var service = routes.ServiceProvider.GetService<CoordinatorService>()
            ?? throw new YouServException($"There is no coordinator to map: call {nameof(AddYouServCoordinator)} on the services first.");
        service.Map(routes);
        return routes;
    }
}
