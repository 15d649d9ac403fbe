using P2P.Past;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Upgrade;

/// <summary>Runs nodes with PAST and directories of their own, each of which can be stopped and started anew with other versions of the wire.</summary>
internal sealed class UpgradedRing : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-upgrade-").FullName;

    public List<Member> Members { get; } = [];

    public static async Task<UpgradedRing> StartAsync(IEnumerable<VersionRange> versions, CancellationToken cancellationToken)
    {
        var ring = new UpgradedRing();
        foreach (var range in versions)
        {
            var member = new Member(Path.Combine(ring._folder, $"{ring.Members.Count}"));
            await member.StartAsync(range, ring.Members, cancellationToken);
            ring.Members.Add(member);
        }

        await ring.UntilAsync(ring.IsComplete, cancellationToken);
        return ring;
    }

    /// <summary>Stops a node as its operator would, and starts it anew in the same directory.</summary>
    public async Task RestartAsync(Member member, VersionRange versions, CancellationToken cancellationToken)
    {
        await member.StopAsync(cancellationToken);
        await member.StartAsync(versions, Members.Where(other => other != member), cancellationToken);
        await UntilAsync(IsComplete, cancellationToken);
    }

    /// <summary>Tells whether every node knows all others.</summary>
    public bool IsComplete() => Members.TrueForAll(member => member.Node.Neighbors.Length == Members.Count - 1);

    public int CountHolders(FileId file) => Members.Count(member => member.Past.Replicas.Contains(file));

    /// <summary>Waits until the ring is as a test wants it.</summary>
    public async Task UntilAsync(Func<bool> condition, CancellationToken cancellationToken)
    {
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in Members)
        {
            await member.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    internal sealed class Member(string directory) : IAsyncDisposable
    {
        private static readonly PastOptions Archive = new() { MaintenanceInterval = TimeSpan.FromSeconds(5) };

        /// <summary>Short times, so that a restart is noticed within seconds.</summary>
        private static readonly PastryOptions Protocol = new()
        {
            BitsPerDigit = 2,
            LeafSetSize = 8,
            HeartbeatInterval = TimeSpan.FromSeconds(0.5),
            LeaseDuration = TimeSpan.FromSeconds(2),
            ProbeTimeout = TimeSpan.FromSeconds(0.5),
        };

        private SigningKey? _hostKey;
        private TcpTransport? _transport;
        private NodeAddress _address = new("127.0.0.1", 0);
        private volatile bool _isUp;
        private int _using;

        public PastryNode Node { get; private set; } = null!;

        public PastStore Past { get; private set; } = null!;

        /// <summary>The versions that are spoken with others.</summary>
        public IReadOnlyList<int> Versions => _transport!.Host.Versions;

        public async Task StartAsync(VersionRange versions, IEnumerable<Member> others, CancellationToken cancellationToken)
        {
            var replicas = await DiskReplicaStore.OpenAsync(new DiskReplicaStoreOptions { Directory = Path.Combine(directory, "replicas"), CapacityBytes = 1 << 30 }, cancellationToken);
            _hostKey ??= SigningKey.Create();
            Past = new PastStore(new PastStoreOptions { Replicas = replicas, Protocol = Archive });
            _transport = new TcpTransport(new TcpTransportOptions { Listen = [_address], HostKey = _hostKey, Versions = versions });
            var options = new PastryNodeOptions
            {
                Identity = PersistentIdentity.Load(directory),
                Protocol = Protocol,
                Modules = { Past },
                Transport = () => _transport,
            };
            foreach (var other in others)
            {
                options.Bootstraps.Add(other._address);
            }

            Node = await PastryNode.StartAsync(options, cancellationToken);
            _address = Node.Handle.Address;
            await Node.WhenReadyAsync(cancellationToken);
            _isUp = true;
        }

        /// <summary>Uses the node, unless it is about to stop.</summary>
        public async Task<T?> TryUseAsync<T>(Func<PastStore, Task<T>> use)
            where T : class
        {
            Interlocked.Increment(ref _using);
            try
            {
                return _isUp ? await use(Past) : null;
            }
            finally
            {
                Interlocked.Decrement(ref _using);
            }
        }

        /// <summary>Drains the node, then stops it.</summary>
        public async Task StopAsync(CancellationToken cancellationToken)
        {
            _isUp = false;
            while (Volatile.Read(ref _using) > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), cancellationToken);
            }

            await Node.DrainAsync(cancellationToken);
            await Node.StopAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await Node.KillAsync();
            _hostKey!.Dispose();
        }
    }
}
