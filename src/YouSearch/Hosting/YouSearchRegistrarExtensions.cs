using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using P2P.YouSearch;
using P2P.YouSearch.Hosting;
using P2P.YouServ;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a registrar of YouSearch to a coordinator of YouServ, and what holds vectors for it.</summary>
public static class YouSearchRegistrarExtensions
{
    /// <summary>
    /// Adds a registrar, which starts and stops with the host, injected as <see cref="Registrar"/>. It takes <see cref="ICoordinatorStore"/>, <see cref="IPeerProbe"/> and <see cref="YouServCoordinator"/> from
    /// the container: add the coordinator first.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the registrar up. Calling the method again adds to the set-up.</param>
    public static IServiceCollection AddYouSearchRegistrar(this IServiceCollection services, Action<RegistrarOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<RegistrarOptions>();
        services.TryAddSingleton<RegistrarService>();
        services.TryAddSingleton(provider => provider.GetRequiredService<RegistrarService>().Registrar);
        services.TryAddSingleton<AskerVerifier>(provider => (proof, message) =>
            provider.GetRequiredService<YouServCoordinator>().ReadProof(proof, message.Span) is { } proven ? Askers.Of(proven.Visitor, proven.Site) : null);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<CoordinatorOptions>, SearchEntry>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RegistrarService>(provider => provider.GetRequiredService<RegistrarService>()));
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    /// <summary>Answers peers below <c>/search/v1</c>, and people who have signed in at the coordinator at <c>/search/</c>.</summary>
    /// <param name="routes">The application. What it has in front must leave the address from which a request comes, as limits go by it.</param>
    /// <exception cref="YouSearchException">There is no registrar: <see cref="AddYouSearchRegistrar"/> was not called.</exception>
    public static IEndpointRouteBuilder MapYouSearchRegistrar(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var service = routes.ServiceProvider.GetService<RegistrarService>()
            ?? throw new YouSearchException($"There is no registrar to map: call {nameof(AddYouSearchRegistrar)} on the services first.");
        service.Map(routes);
        return routes;
    }

    /// <summary>Adds what holds one vector of all summaries for a registrar in another process.</summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Says which vector, and for whom. Calling the method again adds to the set-up.</param>
    public static IServiceCollection AddYouSearchVectors(this IServiceCollection services, Action<VectorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<VectorOptions>();
        services.TryAddSingleton<VectorService>();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    /// <summary>Answers the registrar at <c>/search/vectors/v1</c>.</summary>
    /// <param name="routes">The application.</param>
    /// <exception cref="YouSearchException">There is no vector: <see cref="AddYouSearchVectors"/> was not called, or an option is out of its range.</exception>
    public static IEndpointRouteBuilder MapYouSearchVectors(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        var service = routes.ServiceProvider.GetService<VectorService>()
            ?? throw new YouSearchException($"There is no vector to map: call {nameof(AddYouSearchVectors)} on the services first.");
        service.Map(routes);
        return routes;
    }
}
