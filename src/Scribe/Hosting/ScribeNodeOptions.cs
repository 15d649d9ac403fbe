using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace P2P.Scribe;

/// <summary>Sets SCRIBE up on one node.</summary>
public sealed class ScribeNodeOptions
{
    /// <summary>The parameters of the protocol.</summary>
    public ScribeOptions Protocol { get; set; } = new();

    /// <summary>Makes the meter (<see cref="ScribeTelemetry.MeterName"/>); default one for the process.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>Where to log; default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
