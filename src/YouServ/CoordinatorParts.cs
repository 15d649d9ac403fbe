using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Dns;

namespace P2P.YouServ;

/// <summary>Is what a coordinator stands on. Each part can be replaced by one of one's own.</summary>
public sealed class CoordinatorParts
{
    /// <summary>Where it keeps what it must not forget.</summary>
    public required ICoordinatorStore Store { get; init; }

    /// <summary>Who tells the world where sites are.</summary>
    public required IDnsPublisher Dns { get; init; }

    /// <summary>Who knows the users; <see cref="LocalAccounts"/> in the store if there is none.</summary>
    public IReadOnlyList<IAuthenticator> Authenticators { get; init; } = [];

    /// <summary>How it finds out whether visitors can reach a peer; by HTTP without one.</summary>
    public IPeerProbe? Probe { get; init; }

    /// <summary>Where it logs; nowhere without one.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>Makes the meter into which it counts (<see cref="YouServTelemetry.MeterName"/>); the process's without one.</summary>
    public IMeterFactory? MeterFactory { get; init; }
}
