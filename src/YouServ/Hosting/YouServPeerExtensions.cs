using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using P2P.YouServ;
using P2P.YouServ.Hosting;
using P2P.YouServ.Wire;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a peer of YouServ to an application of ASP.NET Core.</summary>
public static class YouServPeerExtensions
{
    /// <summary>Visitors bring a ticket, and the path that they want to read, in a request's line.</summary>
    private const int RequestLineLengthMax = TicketKey.TicketLengthMax + (16 * 1024);

    /// <summary>
    /// Adds a peer, which starts and stops with the host, injected as <see cref="YouServPeer"/>. Each <see cref="IYouServPlugin"/> of the container is asked before the
    /// site's files.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the peer up. Calling the method again adds to the set-up.</param>
    public static IServiceCollection AddYouServPeer(this IServiceCollection services, Action<PeerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<PeerOptions>();
        services.TryAddSingleton<PeerService>();
        services.TryAddSingleton(provider => provider.GetRequiredService<PeerService>().Peer);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PeerService>(provider => provider.GetRequiredService<PeerService>()));
        AddFrontDoor(services);
        HttpsByItself.Add(
            services, provider => provider.GetRequiredService<IOptions<PeerOptions>>().Value.HasOwnCertificate, provider => provider.GetRequiredService<PeerService>().Certificate);

        // First, so that what the application says of the limit holds.
        services.Insert(0, ServiceDescriptor.Singleton<IConfigureOptions<KestrelServerOptions>>(
            new ConfigureOptions<KestrelServerOptions>(server => server.Limits.MaxRequestLineSize = RequestLineLengthMax)));
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services;
    }

    /// <summary>
    /// Lets the site answer all requests that come this far, and for which routing has found no endpoint of the application's own. Those endpoints share the site's origin, and see to
    /// access themselves.
    /// </summary>
    /// <param name="application">The application.</param>
    /// <exception cref="YouServException">There is no peer: <see cref="AddYouServPeer"/> was not called.</exception>
    public static IApplicationBuilder UseYouServPeer(this IApplicationBuilder application)
    {
        ArgumentNullException.ThrowIfNull(application);
        var service = application.ApplicationServices.GetService<PeerService>()
            ?? throw new YouServException($"There is no peer to use: call {nameof(AddYouServPeer)} on the services first.");
        return application.Use(next => context => context.GetEndpoint() is null ? service.InvokeAsync(context) : next(context));
    }

    /// <summary>Puts the front door before the network that the web server would use without it: that of the application, where it has registered one, or sockets.</summary>
    private static void AddFrontDoor(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(FrontDoor)))
        {
            return;
        }

        var network = Before<IConnectionListenerFactory>(services);
        services.AddSingleton(provider => new FrontDoor(
            network(provider) ?? ActivatorUtilities.CreateInstance<SocketTransportFactory>(provider),
            provider.GetService<TimeProvider>() ?? TimeProvider.System));
        services.AddSingleton<IConnectionListenerFactory>(provider => provider.GetRequiredService<FrontDoor>());
        var memory = Before<IMemoryPoolFactory<byte>>(services);
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<PeerOptions>>().Value.IsProxy
            ? new LargeBlocks()
            : memory(provider) ?? new LargeBlocks(LargeBlocks.UsualBytes));
    }

    /// <summary>Makes what the application, or the web server, has registered so far; null without any.</summary>
    private static Func<IServiceProvider, T?> Before<T>(IServiceCollection services)
        where T : class
    {
        var before = services.LastOrDefault(service => service.ServiceType == typeof(T) && !service.IsKeyedService);
        return provider => before switch
        {
            { ImplementationInstance: T instance } => instance,
            { ImplementationFactory: { } create } => (T)create(provider),
            { ImplementationType: { } type } => (T)ActivatorUtilities.CreateInstance(provider, type),
            _ => null,
        };
    }
}
