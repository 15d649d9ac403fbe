using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>Sets up a node.</summary>
public sealed class PastryNodeOptions
{
    /// <summary>
    /// Who the node is: its key and which of its lives this is. Default: a new key, for a node that is gone when its process is. A node that
    /// keeps something uses <see cref="PersistentIdentity.Load(string)"/>.
    /// </summary>
    public NodeIdentity? Identity { get; set; }

    /// <summary>
    /// Addresses of listeners of the ring to join, tried in turn until one answers; on a shared <see cref="Host"/> also its own, where another node lives there. Default: none, which starts a new ring, unless a node of
    /// <see cref="PeerMemory"/> answers.
    /// </summary>
    public IList<NodeAddress> Bootstraps { get; } = [];

    /// <summary>
    /// Keeps whom the node knows from one of its lives to the next, so that it finds its ring when its bootstraps are gone; such as a
    /// <see cref="FilePeerMemory"/>. Default: none.
    /// </summary>
    public IPeerMemory? PeerMemory { get; set; }

    /// <summary>
    /// How often the <see cref="PeerMemory"/> is brought up to date; it is as well when the node gets ready and when it stops. Default: 5 min. 1 s to 1
    /// day. A higher value writes less, and after a crash more of what is remembered may be gone.
    /// </summary>
    public TimeSpan PeerMemoryInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The protocol's parameters; nodes of one ring agree on them.</summary>
    public PastryOptions Protocol { get; set; } = new();

    /// <summary>What runs on the node, such as PAST, SCRIBE or a <see cref="PastryEndpoint"/> of one's own.</summary>
    public IList<IPastryModule> Modules { get; } = [];

    /// <summary>The host whose transport this node shares with others. Default: none, a host of the node's own over <see cref="Transport"/>.</summary>
    public PastryHost? Host { get; set; }

    /// <summary>Makes the transport of the node's own host. Default: TCP with TLS on a free port of all interfaces.</summary>
    public Func<ITransport>? Transport { get; set; }

    /// <summary>
    /// Tells how near other nodes are. Default: the transport's own measure, where it has one; for TCP, the round trip of a datagram. All nodes
    /// of a ring had better use the same.
    /// </summary>
    public IProximityMetric? Proximity { get; set; }

    /// <summary>
    /// How many inputs (batches of messages, commands) may wait for the node, 16 to 65,536; default 256. At the bound, peers that send more
    /// are held back; a higher value costs up to 64 KiB of memory for each.
    /// </summary>
    public int InboxCapacity { get; set; } = 256;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Where the node logs to. Default: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>What makes the meter of <see cref="PastryTelemetry.MeterName"/>. Default: one meter for all nodes of the process.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>
    /// How many messages of others the node makes spans of in a second, where a listener wants them: 0 to 1,000,000; default 100. Whoever sends a message can
    /// mark it as traced. Beyond the bound it goes on without a span, and a higher value costs whoever collects them. Messages that start
    /// here are traced as the node's owner wants.
    /// </summary>
    public int TracedPerSecondMax { get; set; } = 100;

    /// <summary>A node keeps to what it was made with, whatever becomes of its options.</summary>
    internal PastryNodeOptions Copy()
    {
        var copy = new PastryNodeOptions
        {
            Identity = Identity,
            PeerMemory = PeerMemory,
            PeerMemoryInterval = PeerMemoryInterval,
            Protocol = Protocol,
            Host = Host,
            Transport = Transport,
            Proximity = Proximity,
            InboxCapacity = InboxCapacity,
            Time = Time,
            LoggerFactory = LoggerFactory,
            MeterFactory = MeterFactory,
            TracedPerSecondMax = TracedPerSecondMax,
        };
        foreach (var bootstrap in Bootstraps)
        {
            copy.Bootstraps.Add(bootstrap);
        }

        foreach (var module in Modules)
        {
            copy.Modules.Add(module);
        }

        return copy;
    }

    internal void Validate()
    {
        Protocol.Validate();
        if (InboxCapacity is < 16 or > 65_536)
        {
            throw new PastryException($"The option {nameof(InboxCapacity)} is {InboxCapacity}; it must be 16 to 65,536.");
        }

        if (PeerMemoryInterval < TimeSpan.FromSeconds(1) || PeerMemoryInterval > TimeSpan.FromDays(1))
        {
            throw new PastryException($"The option {nameof(PeerMemoryInterval)} is {PeerMemoryInterval}; it must be 1 s to 1 day.");
        }

        if (TracedPerSecondMax is < 0 or > 1_000_000)
        {
            throw new PastryException($"The option {nameof(TracedPerSecondMax)} is {TracedPerSecondMax}; it must be 0 to 1,000,000.");
        }

        if (Modules.Select(module => module.Application.Id).Distinct().Count() != Modules.Count)
        {
            throw new PastryException("Two modules have applications with the same id; give them different names.");
        }
    }
}
