using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds Pastry nodes to a container.</summary>
public static class PastryServiceCollectionExtensions
{
    /// <summary>
    /// Adds a node, injected as <see cref="PastryNode"/>; the application's host starts it and, at the end, lets it say farewell. The clock, the
    /// loggers and the meters are the container's unless the options name others.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="configure">Sets the node up. Calling the method again adds to the set-up of the same node.</param>
    /// <returns>A builder for what belongs to the node: its transport, its modules.</returns>
    /// <example>
    /// <code>
    /// builder.Services.AddPastry(o => o.Bootstraps.Add(NodeAddress.Parse("192.0.2.1:4000")))
    ///     .UseTcp(o => o.Listen = [new NodeAddress("0.0.0.0", 4000)])
    ///     .AddModule(new PastryEndpoint("example.org/greetings"));
    /// </code>
    /// </example>
    public static PastryBuilder AddPastry(this IServiceCollection services, Action<PastryNodeOptions>? configure = null)
    {
        var builder = services.AddPastry(PastryBuilder.DefaultName, configure);
        services.TryAddSingleton(provider => provider.GetRequiredKeyedService<PastryNode>(PastryBuilder.DefaultName));
        return builder;
    }

    /// <summary>
    /// Adds one of several nodes, injected by its name as a keyed service: <c>[FromKeyedServices("name")] PastryNode node</c>. Its modules are
    /// injected by the same name.
    /// </summary>
    /// <param name="services">The container.</param>
    /// <param name="name">The node's name in this container.</param>
    /// <param name="configure">Sets the node up. Calling the method again with the same name adds to the set-up of the same node.</param>
    /// <returns>A builder for what belongs to the node: its transport, its modules.</returns>
    public static PastryBuilder AddPastry(this IServiceCollection services, string name, Action<PastryNodeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(name);
        if (!services.Any(service => service.ServiceType == typeof(PastryNode) && name.Equals(service.ServiceKey)))
        {
            AddNode(services, name);
        }

        if (configure is not null)
        {
            services.Configure(name, configure);
        }

        return new PastryBuilder(services, name);
    }

    private static void AddNode(IServiceCollection services, string name)
    {
        services.AddOptions<PastryNodeOptions>(name).Configure<IServiceProvider>((options, provider) =>
        {
            options.LoggerFactory = provider.GetService<ILoggerFactory>();
            options.Time = provider.GetService<TimeProvider>() ?? TimeProvider.System;
            options.MeterFactory = provider.GetService<IMeterFactory>();
            options.Transport = () => new TcpTransport(OptionsOf<TcpTransportOptions>(provider, name));
        });
        services.AddOptions<TcpTransportOptions>(name).Configure<IServiceProvider>((options, provider) =>
        {
            var node = OptionsOf<PastryNodeOptions>(provider, name);
            options.LoggerFactory = node.LoggerFactory;
            options.Time = node.Time;
            options.MeterFactory = node.MeterFactory;
        });
        services.AddKeyedSingleton(name, (provider, _) =>
        {
            var options = OptionsOf<PastryNodeOptions>(provider, name);
            foreach (var module in provider.GetKeyedServices<IPastryModule>(name))
            {
                options.Modules.Add(module);
            }

            return new PastryNode(options);
        });
        services.AddSingleton<IHostedService>(provider => new PastryNodeService(
            provider.GetRequiredKeyedService<PastryNode>(name), provider.GetService<IHostApplicationLifetime>()));
    }

    private static T OptionsOf<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceProvider provider, string name)
        where T : class => provider.GetRequiredService<IOptionsMonitor<T>>().Get(name);
}
