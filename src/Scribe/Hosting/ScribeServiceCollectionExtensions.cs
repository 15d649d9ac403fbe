using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using P2P.Pastry;
using P2P.Scribe;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds SCRIBE to the nodes of a container.</summary>
public static class ScribeServiceCollectionExtensions
{
    /// <summary>
    /// Adds SCRIBE to a node, injected as <see cref="IScribe"/> and as <see cref="ScribeNode"/>, under the node's name where that has one. Loggers and meters are the
    /// container's unless the options name others.
    /// </summary>
    /// <param name="builder">The node.</param>
    /// <param name="configure">Sets SCRIBE up. Calling the method again adds to the set-up.</param>
    /// <example>
    /// <code>
    /// builder.Services.AddPastry().AddScribe();
    /// </code>
    /// </example>
    public static PastryBuilder AddScribe(this PastryBuilder builder, Action<ScribeNodeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = builder.Name;
        if (!builder.Services.Any(service => service.ServiceType == typeof(ScribeNode) && name.Equals(service.ServiceKey)))
        {
            builder.Services.AddOptions<ScribeNodeOptions>(name)
                .Configure<IServiceProvider>((options, provider) =>
                {
                    options.LoggerFactory = provider.GetService<ILoggerFactory>();
                    options.MeterFactory = provider.GetService<IMeterFactory>();
                });
        }

        if (configure is not null)
        {
            builder.Services.Configure(name, configure);
        }

        return builder.AddModule<IScribe, ScribeNode>(provider => new ScribeNode(provider.GetRequiredService<IOptionsMonitor<ScribeNodeOptions>>().Get(name)));
    }
}
