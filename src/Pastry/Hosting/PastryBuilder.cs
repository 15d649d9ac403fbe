using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>Adds to a container what belongs to one of its nodes; packages that run on Pastry extend it with verbs of their own.</summary>
public sealed class PastryBuilder
{
    /// <summary>The name of the node that is injected without one.</summary>
    internal const string DefaultName = "";

    internal PastryBuilder(IServiceCollection services, string name)
    {
        Services = services;
        Name = name;
    }

    /// <summary>The container.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The node's name in the container: the key of its services and the name of its options. Empty for the node without a name.</summary>
    public string Name { get; }

    /// <summary>Sets up the TCP transport of the node's own host: where it listens, which ring it belongs to.</summary>
    public PastryBuilder UseTcp(Action<TcpTransportOptions> configure)
    {
        Services.Configure(Name, configure);
        return this;
    }

    /// <summary>Adds a module to the node, which disposes of it.</summary>
    public PastryBuilder AddModule(IPastryModule module)
    {
        ArgumentNullException.ThrowIfNull(module);
        Services.AddKeyedSingleton(Name, module);
        return this;
    }

    /// <summary>Adds a module to the node, injected as its own type; a second one of the same type is not added.</summary>
    /// <param name="create">Makes the module from what is in the container.</param>
    public PastryBuilder AddModule<TModule>(Func<IServiceProvider, TModule> create)
        where TModule : class, IPastryModule
    {
        ArgumentNullException.ThrowIfNull(create);
        Services.TryAddKeyedSingleton(Name, (provider, _) => create(provider));
        Services.TryAddEnumerable(ServiceDescriptor.KeyedSingleton<IPastryModule, TModule>(Name, (provider, key) => provider.GetRequiredKeyedService<TModule>(key)));
        return Inject<TModule>();
    }

    /// <summary>Adds a module to the node, injected as its own type and as the service that it is to its users.</summary>
    /// <param name="create">Makes the module from what is in the container.</param>
    public PastryBuilder AddModule<TService, TModule>(Func<IServiceProvider, TModule> create)
        where TService : class
        where TModule : class, TService, IPastryModule
    {
        AddModule(create);
        Services.TryAddKeyedSingleton<TService>(Name, (provider, key) => provider.GetRequiredKeyedService<TModule>(key));
        return Inject<TService>();
    }

    private PastryBuilder Inject<TService>()
        where TService : class
    {
        if (Name == DefaultName)
        {
            Services.TryAddSingleton(provider => provider.GetRequiredKeyedService<TService>(DefaultName));
        }

        return this;
    }
}
