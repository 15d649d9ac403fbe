using Microsoft.Extensions.Logging;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>Sets up an <see cref="EmbeddedRing"/>.</summary>
public sealed class EmbeddedRingOptions
{
    internal const int NodesMax = 64;

    /// <summary>Where the nodes keep who they are and what they hold, each in a folder of its own; it is made where it does not exist. Required.</summary>
    public required string Directory { get; set; }

    /// <summary>
    /// How many nodes there are, 1 to 64; default 5. Where the directory holds more from an earlier run, these start as well, since replicas may lie with
    /// them only. A file has as many replicas as its k says, so there are at least k nodes; more of them take memory and share what is stored.
    /// </summary>
    public int Nodes { get; set; } = 5;

    /// <summary>How many bytes of replicas each node holds; 0 or more, default 1 GiB.</summary>
    public long NodeCapacityBytes { get; set; } = 1L << 30;

    /// <summary>
    /// Nodes of a ring elsewhere, which these nodes join with all that they hold. Default: none, and they are a ring by themselves, which nobody outside of
    /// the process sees.
    /// </summary>
    public IList<NodeAddress> Bootstraps { get; } = [];

    /// <summary>
    /// Sets up the listener of a node, by its number from 0. Default: null, which is memory as long as there are no <see cref="Bootstraps"/>, and then a free
    /// port of all interfaces. Without bootstraps, it makes a ring that others join. A <see cref="TcpTransportOptions.FailureDomain"/> that is not
    /// set becomes the one of this ring.
    /// </summary>
    public Func<int, TcpTransportOptions>? Tcp { get; set; }

    /// <summary>The overlay's parameters; nodes of one ring agree on them.</summary>
    public PastryOptions Pastry { get; set; } = new();

    /// <summary>The archive's parameters.</summary>
    public PastOptions Past { get; set; } = new();

    /// <summary>Where the nodes log to. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    internal bool IsAlone => Bootstraps.Count == 0 && Tcp is null;

    /// <exception cref="PastException">An option is outside of its range.</exception>
    internal void Validate()
    {
        PastException.Require(!string.IsNullOrWhiteSpace(Directory), nameof(Directory), $"'{Directory}'", "a path");
        PastException.Require(Nodes is >= 1 and <= NodesMax, nameof(Nodes), Nodes, $"1 to {NodesMax}");
        PastException.Require(NodeCapacityBytes >= 0, nameof(NodeCapacityBytes), NodeCapacityBytes, "0 or more");
        Past.Validate();
        Pastry.Validate();
    }
}
