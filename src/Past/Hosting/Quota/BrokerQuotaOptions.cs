using Microsoft.Extensions.Logging;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Sets up a node's dealings with a broker. They are taken as they are when the quota is made; what is changed later is for the next one.</summary>
public sealed class BrokerQuotaOptions
{
    /// <summary>The broker's key. Required.</summary>
    public required PublicKey Broker { get; set; }

    /// <summary>The node that the broker runs on. Default: the one that has the broker's key for its own.</summary>
    public NodeId? BrokerNode { get; set; }

    /// <summary>The broker itself, on the node that it runs on; who made it disposes of it after the node. Default: it runs elsewhere.</summary>
    public Broker? Serve { get; set; }

    /// <summary>What this node contributes, which it says when it is ready and renews as long as it runs. Default: nothing.</summary>
    public StorageContribution? Contribution { get; set; }

    /// <summary>
    /// How long the contribution counts after it was last renewed, a minute to 365 days; default 1 day. The node renews it after a quarter of that. A higher
    /// value lets the owner keep the quota through longer absences of the node, as far as the broker bears them (<see cref="BrokerOptions.ContributionLifetimeMax"/>).
    /// </summary>
    public TimeSpan ContributionLifetime { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long the broker's answer is waited for before it is asked again, 0.1 s to 10 min; default 5 s. A higher value is later to find a broker that has moved.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the broker is asked before it counts as absent, 1 to 16; default 4. More of it waits longer.</summary>
    public int RequestAttemptsMax { get; set; } = 4;

    /// <summary>Where it logs to. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Gives the options as they are now: who changes them later means another node's.</summary>
    internal BrokerQuotaOptions Copy() => (BrokerQuotaOptions)MemberwiseClone();

    internal void Validate()
    {
        Require(Broker is not null, $"The option {nameof(Broker)} is missing.");
        Require(Serve is null || Serve.PublicKey.Equals(Broker), $"The option {nameof(Serve)} is another broker than {nameof(Broker)}.");
        Require(Contribution is null or { Account: not null, CapacityBytes: >= 0 }, $"The option {nameof(Contribution)} needs an account, and 0 bytes or more.");
        Require(
            ContributionLifetime >= TimeSpan.FromMinutes(1) && ContributionLifetime <= TimeSpan.FromDays(365),
            $"The option {nameof(ContributionLifetime)} is {ContributionLifetime}; it must be a minute to 365 days.");
        Require(
            RequestTimeout >= TimeSpan.FromSeconds(0.1) && RequestTimeout <= TimeSpan.FromMinutes(10),
            $"The option {nameof(RequestTimeout)} is {RequestTimeout}; it must be 0.1 s to 10 min.");
        Require(RequestAttemptsMax is >= 1 and <= 16, $"The option {nameof(RequestAttemptsMax)} is {RequestAttemptsMax}; it must be 1 to 16.");
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new PastException(otherwise);
        }
    }
}
