using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace QuickStart;

/// <summary>Is a ring of nodes in this process, each with its own listener on loopback and its own folder.</summary>
internal sealed class Ring(string folder) : IAsyncDisposable
{
    private readonly List<Member> _members = [];

    /// <summary>The nodes that run.</summary>
    public IReadOnlyList<Member> Live => [.. _members.Where(member => member.IsUp)];

    public async Task StartAsync(int count, long capacity, Action<int> started, CancellationToken cancellationToken)
    {
        for (var index = 0; index < count; index++)
        {
            var bootstraps = _members.Select(member => member.Node.Handle.Address).Take(3).ToArray();
            var member = await Member.StartAsync(Path.Combine(folder, $"node-{index:00}"), capacity, bootstraps, cancellationToken);
            _members.Add(member);
            await member.Node.WhenReadyAsync(cancellationToken);
            started(index + 1);
        }
    }

    /// <summary>Stops nodes at once, without a word to anybody.</summary>
    public static Task KillAsync(params IEnumerable<Member> victims) => Task.WhenAll(victims.Select(victim => victim.KillAsync()));

    /// <summary>Counts the live replicas of a file.</summary>
    public int ReplicasOf(FileId file) => _members.Count(member => member.IsUp && member.Past.Replicas.Contains(file));

    public IReadOnlyList<Member> HoldersOf(FileId file) => [.. _members.Where(member => member.IsUp && member.Past.Replicas.Contains(file))];

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Live)
        {
            await member.Node.DisposeAsync();
        }
    }

    /// <summary>Is one node with what it carries.</summary>
    internal sealed class Member(PastryNode node, PastStore past, PastryEndpoint probe)
    {
        public PastryNode Node { get; } = node;

        public PastStore Past { get; } = past;

        public PastryEndpoint Probe { get; } = probe;

        public bool IsUp { get; private set; } = true;

        public static async Task<Member> StartAsync(string folder, long capacity, NodeAddress[] bootstraps, CancellationToken cancellationToken)
        {
            var replicas = await DiskReplicaStore.OpenAsync(
                new DiskReplicaStoreOptions { Directory = Path.Combine(folder, "replicas"), CapacityBytes = capacity }, cancellationToken);
            var past = new PastStore(new PastStoreOptions { Replicas = replicas, Protocol = Defaults.Past });
            var probe = new PastryEndpoint("quickstart/probe");
            var options = new PastryNodeOptions
            {
                Identity = new NodeIdentity(SigningKey.Create(), Incarnation: 1),
                Protocol = Defaults.Pastry,
                Modules = { past, probe },
                Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            };
            foreach (var bootstrap in bootstraps)
            {
                options.Bootstraps.Add(bootstrap);
            }

            return new Member(await PastryNode.StartAsync(options, cancellationToken), past, probe);
        }

        public async Task KillAsync()
        {
            IsUp = false;
            await Node.KillAsync();
        }
    }
}
