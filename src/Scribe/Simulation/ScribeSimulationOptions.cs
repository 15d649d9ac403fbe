using Microsoft.Extensions.Logging;
using P2P.Pastry.Simulation;

namespace P2P.Scribe.Simulation;

/// <summary>Sets a simulated world with SCRIBE on every node up.</summary>
public sealed record ScribeSimulationOptions
{
    /// <summary>The overlay: its seed, its topology, its parameters.</summary>
    public PastrySimulationOptions Overlay { get; init; } = new();

    /// <summary>The parameters of SCRIBE on all nodes.</summary>
    public ScribeOptions Scribe { get; init; } = new();

    /// <summary>Where SCRIBE on all nodes logs; default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
