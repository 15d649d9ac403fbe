using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>Runs a few nodes with PAST over TCP and TLS on loopback.</summary>
internal sealed class LoopbackRing : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static readonly PastryOptions Protocol = new()
    {
        BitsPerDigit = 2,
        LeafSetSize = 8,
        HeartbeatInterval = TimeSpan.FromSeconds(0.5),
        LeaseDuration = TimeSpan.FromSeconds(2),
        ProbeTimeout = TimeSpan.FromSeconds(0.5),
    };

    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<Member> Members { get; } = [];

    public static async Task<LoopbackRing> StartAsync(int count, Func<int, IReplicaStore>? newStore = null, Microsoft.Extensions.Logging.ILoggerFactory? log = null)
    {
        var ring = new LoopbackRing();
        for (var i = 0; i < count; i++)
        {
            await ring.AddAsync(newStore?.Invoke(i) ?? new MemoryReplicaStore(1L << 30), log);
        }

        return ring;
    }

    public async Task<Member> AddAsync(IReplicaStore store, Microsoft.Extensions.Logging.ILoggerFactory? log = null)
    {
        var past = new PastStore(new PastStoreOptions { Replicas = new WatchedStore(store, Changed), LoggerFactory = log });
        var options = new PastryNodeOptions
        {
            Identity = new NodeIdentity(SigningKey.Create(), 1),
            Protocol = Protocol,
            Modules = { past },
            LoggerFactory = log,
            Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)], LoggerFactory = log }),
        };
        foreach (var member in Members.Where(member => member.IsUp).Take(2))
        {
            options.Bootstraps.Add(member.Node.Handle.Address);
        }

        var node = await PastryNode.StartAsync(options);
        var added = new Member(node, past);
        Members.Add(added);
        using var limit = new CancellationTokenSource(Patience);
        await node.WhenReadyAsync(limit.Token);
        return added;
    }

    public IReadOnlyList<Member> HoldersOf(FileId file) => [.. Members.Where(member => member.IsUp && member.Past.Replicas.Contains(file))];

    /// <summary>Waits until what the nodes hold is as a test wants it.</summary>
    public async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        for (var change = Volatile.Read(ref _changed).Task; !condition(); change = Volatile.Read(ref _changed).Task)
        {
            await change.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members.Where(member => member.IsUp))
        {
            await member.Node.DisposeAsync();
        }
    }

    private void Changed() =>
        Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();

    internal sealed class Member(PastryNode node, PastStore past)
    {
        public PastryNode Node { get; } = node;

        public PastStore Past { get; } = past;

        public bool IsUp { get; private set; } = true;

        public async Task KillAsync()
        {
            IsUp = false;
            await Node.KillAsync();
        }

        public async Task StopAsync()
        {
            IsUp = false;
            await Node.DisposeAsync();
        }
    }
}
