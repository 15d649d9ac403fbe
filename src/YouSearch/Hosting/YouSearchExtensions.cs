using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using P2P.YouSearch;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Http;
using P2P.YouServ;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds search to a peer of YouServ.</summary>
public static class YouSearchExtensions
{
    /// <summary>
    /// Adds search to the peer of <c>AddYouServPeer</c>: it starts and stops with the host, is injected as <see cref="YouSearchPeer"/>, answers other peers, and has a page at <c>/.search/</c> of the site. An
    /// <see cref="IIndexFactory"/> and an <see cref="IRegistrar"/> of the container take the places of those in the box.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the search up. Calling the method again adds to the set-up.</param>
    public static IServiceCollection AddYouSearch(this IServiceCollection services, Action<YouSearchOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<YouSearchOptions>();
        services.TryAddSingleton<YouSearchService>();
        services.TryAddSingleton(provider => provider.GetRequiredService<YouSearchService>().Search);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, YouSearchService>(provider => provider.GetRequiredService<YouSearchService>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IYouServPlugin, SearchPlugin>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }
}
