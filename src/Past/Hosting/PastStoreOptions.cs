using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using P2P.Pastry;

namespace P2P.Past;

/// <summary>Sets up PAST on one node. The store takes them as they are when it is made; what is changed later is for the next one.</summary>
public sealed class PastStoreOptions
{
    /// <summary>Where the node keeps its replicas; the store is disposed of with the node. Required.</summary>
    public required IReplicaStore Replicas { get; set; }

    /// <summary>
    /// The cache of files that lookups and inserts pass by; null for none, and then the node takes no part in the caching of others either. Default: one of
    /// 64 MiB, so that a file that many ask for at once is spread by those who ask.
    /// </summary>
    public CacheOptions? Cache { get; set; } = new();

    /// <summary>
    /// Where cached copies are kept, apart from the replicas; disposed of with the node, and emptied when it starts. Default: memory. A
    /// <see cref="DiskReplicaStore"/> for it has a directory of its own, and need not wait for the disk (<see cref="DiskReplicaStoreOptions.IsDurable"/>).
    /// </summary>
    public IReplicaStore? Copies { get; set; }

    /// <summary>The protocol's parameters.</summary>
    public PastOptions Protocol { get; set; } = new();

    /// <summary>
    /// The keys of the brokers whose permits this node trusts. With one or more, the node holds no file without a permit of one of them for that very file, so that
    /// owners store no more than they have been granted. All nodes of a ring had better agree, from its first file on: what was stored without a permit
    /// can't move to nodes that ask for one. Default: none, and files need no permit.
    /// </summary>
    public IList<PublicKey> Brokers { get; private set; } = [];

    /// <summary>
    /// Grants room to the users of this node: asked for a permit before each file that they insert is certified, and told what they take back. Default: nobody
    /// is asked, and certificates have no permit.
    /// </summary>
    public IQuota? Quota { get; set; }

    /// <summary>Where PAST logs to. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>What makes the meter of <see cref="PastTelemetry.MeterName"/>. Default: one meter for all nodes of the process.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>Gives the options as they are now: who changes them later means another node's.</summary>
    internal PastStoreOptions Copy()
    {
        var copy = (PastStoreOptions)MemberwiseClone();
        copy.Brokers = [.. Brokers];
        return copy;
    }
}
