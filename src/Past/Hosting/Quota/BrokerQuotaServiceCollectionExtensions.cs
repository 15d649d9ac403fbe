using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using P2P.Past;
using P2P.Pastry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds dealings with a broker to the nodes of a container.</summary>
public static class BrokerQuotaServiceCollectionExtensions
{
    /// <summary>
    /// Has a broker grant a node's users room, injected as <see cref="IQuota"/> and as <see cref="BrokerQuota"/>, under the node's name where that has one. PAST on
    /// that node asks it, unless <see cref="PastStoreOptions.Quota"/> says otherwise. The loggers are the container's unless the options name others.
    /// </summary>
    /// <param name="builder">The node.</param>
    /// <param name="configure">Sets it up. Calling the method again adds to the set-up.</param>
    /// <example>
    /// <code>
    /// builder.Services.AddPastry().AddPast(o => o.Brokers.Add(broker)).AddBrokerQuota(o => o.Broker = broker);
    /// </code>
    /// </example>
    public static PastryBuilder AddBrokerQuota(this PastryBuilder builder, Action<BrokerQuotaOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.Name;
        if (!builder.Services.Any(service => service.ServiceType == typeof(BrokerQuota) && name.Equals(service.ServiceKey)))
        {
            builder.Services.AddOptions<BrokerQuotaOptions>(name)
                .Configure<IServiceProvider>((options, provider) => options.LoggerFactory = provider.GetService<ILoggerFactory>());
        }

        if (configure is not null)
        {
            builder.Services.Configure(name, configure);
        }

        return builder.AddModule<IQuota, BrokerQuota>(provider => new BrokerQuota(provider.GetRequiredService<IOptionsMonitor<BrokerQuotaOptions>>().Get(name)));
    }
}
