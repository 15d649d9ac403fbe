using Microsoft.Extensions.Logging;

namespace P2P.Scribe;

/// <summary>Sets SCRIBE up on one node.</summary>
public sealed class ScribeNodeOptions
{
    /// <summary>The parameters of the protocol.</summary>
    public ScribeOptions Protocol { get; set; } = new();

    /// <summary>Where to log; default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
