using Microsoft.Extensions.Logging;

namespace P2P.Past;

/// <summary>Sets up PAST on one node.</summary>
public sealed class PastStoreOptions
{
    /// <summary>Where the node keeps its replicas; the store is disposed of with the node. Required.</summary>
    public required IReplicaStore Replicas { get; set; }

    /// <summary>The protocol's parameters.</summary>
    public PastOptions Protocol { get; set; } = new();

    /// <summary>Where PAST logs to. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }
}
