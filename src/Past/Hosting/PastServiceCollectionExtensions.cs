using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using P2P.Past;
using P2P.Pastry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds PAST to the nodes of a container.</summary>
public static class PastServiceCollectionExtensions
{
    /// <summary>
    /// Adds PAST to a node, injected as <see cref="IPastStore"/> and as <see cref="PastStore"/>, under the node's name where that has one. The
    /// loggers, and the <see cref="IReplicaStore"/> and the <see cref="IQuota"/> under that name, are the container's unless the options name others.
    /// </summary>
    /// <param name="builder">The node.</param>
    /// <param name="configure">Sets PAST up. Calling the method again adds to the set-up.</param>
    /// <example>
    /// <code>
    /// builder.Services.AddPastry().AddPast(o => o.Replicas = replicas);
    /// </code>
    /// </example>
    public static PastryBuilder AddPast(this PastryBuilder builder, Action<PastStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.Name;
        if (!builder.Services.Any(service => service.ServiceType == typeof(PastStore) && name.Equals(service.ServiceKey)))
        {
            builder.Services.AddOptions<PastStoreOptions>(name).Configure<IServiceProvider>((options, provider) => SetDefaults(options, provider, name));
        }

        if (configure is not null)
        {
            builder.Services.Configure(name, configure);
        }

        return builder.AddModule<IPastStore, PastStore>(provider =>
        {
            var options = provider.GetRequiredService<IOptionsMonitor<PastStoreOptions>>().Get(name);
            return options.Replicas is null
                ? throw new PastException($"PAST has nowhere to keep replicas: set {nameof(PastStoreOptions)}.{nameof(PastStoreOptions.Replicas)}, or add an {nameof(IReplicaStore)}.")
                : new PastStore(options);
        });
    }

    private static void SetDefaults(PastStoreOptions options, IServiceProvider provider, string name)
    {
        options.LoggerFactory = provider.GetService<ILoggerFactory>();
        options.Quota = name.Length == 0 ? provider.GetService<IQuota>() : provider.GetKeyedService<IQuota>(name);
        options.MeterFactory = provider.GetService<IMeterFactory>();
        options.Replicas = (name.Length == 0 ? provider.GetService<IReplicaStore>() : provider.GetKeyedService<IReplicaStore>(name))!;
    }
}
