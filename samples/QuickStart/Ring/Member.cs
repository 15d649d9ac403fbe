using System.Diagnostics;
using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe;

namespace QuickStart.Ring;

/// <summary>Is one node with what it carries: files, groups, and messages of the tour's own.</summary>
internal sealed class Member(int number, PastryNode node, PastStore past, ScribeNode scribe, PastryEndpoint probe)
{
    private long _stoppedAt;

    /// <summary>Counts the nodes in the order in which they were started, from 0.</summary>
    public int Number { get; } = number;

    public PastryNode Node { get; } = node;

    public PastStore Past { get; } = past;

    public ScribeNode Scribe { get; } = scribe;

    /// <summary>Takes and routes messages that are neither PAST's nor SCRIBE's.</summary>
    public PastryEndpoint Probe { get; } = probe;

    public bool IsUp => Volatile.Read(ref _stoppedAt) == 0;

    /// <summary>For how long it has been stopped; zero while it runs.</summary>
    public TimeSpan StoppedFor => Volatile.Read(ref _stoppedAt) is not 0 and var at ? Stopwatch.GetElapsedTime(at) : TimeSpan.Zero;

    public static async Task<Member> StartAsync(int number, string folder, long capacity, IEnumerable<NodeAddress> bootstraps, CancellationToken cancellationToken)
    {
        var replicas = await DiskReplicaStore.OpenAsync(
            new DiskReplicaStoreOptions { Directory = Path.Combine(folder, "replicas"), CapacityBytes = capacity }, cancellationToken);
        var past = new PastStore(new PastStoreOptions { Replicas = replicas, Protocol = RingDefaults.Past });
        var scribe = new ScribeNode(new ScribeNodeOptions { Protocol = RingDefaults.Scribe });
        var probe = new PastryEndpoint("quickstart/probe");
        var options = new PastryNodeOptions
        {
            Identity = new NodeIdentity(SigningKey.Create(), Incarnation: 1),
            Protocol = RingDefaults.Pastry,
            Modules = { past, scribe, probe },
            Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
        };
        foreach (var bootstrap in bootstraps)
        {
            options.Bootstraps.Add(bootstrap);
        }

        return new Member(number, await PastryNode.StartAsync(options, cancellationToken), past, scribe, probe);
    }

    /// <summary>Stops at once, without a word to anybody.</summary>
    public async Task KillAsync()
    {
        Volatile.Write(ref _stoppedAt, Stopwatch.GetTimestamp());
        await Node.KillAsync();
    }
}
