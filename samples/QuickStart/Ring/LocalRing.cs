using P2P.Past;

namespace QuickStart.Ring;

/// <summary>Is a ring of nodes in this process, each with its own listener on loopback and its own folder.</summary>
/// <param name="folder">Where their folders are made.</param>
/// <param name="capacity">How many bytes each node keeps for others at most.</param>
internal sealed class LocalRing(string folder, long capacity) : IAsyncDisposable
{
    private const int BootstrapsMax = 3;

    private readonly Lock _gate = new();
    private readonly List<Member> _members = [];
    private int _started;

    /// <summary>The nodes that run, in the order in which they were started.</summary>
    public IReadOnlyList<Member> Live
    {
        get
        {
            lock (_gate)
            {
                return [.. _members.Where(member => member.IsUp)];
            }
        }
    }

    /// <summary>Starts one more node, and waits until it is ready. The first begins the ring.</summary>
    public async Task<Member> AddAsync(CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _started) - 1;
        var bootstraps = Live.Select(live => live.Node.Handle.Address).Take(BootstrapsMax);
        var member = await Member.StartAsync(number, Path.Combine(folder, $"node-{number:00}"), capacity, bootstraps, cancellationToken);
        lock (_gate)
        {
            _members.Add(member);
        }

        await member.Node.WhenReadyAsync(cancellationToken);
        return member;
    }

    /// <summary>Stops nodes at once, without a word to anybody.</summary>
    public static Task KillAsync(params IEnumerable<Member> victims) => Task.WhenAll(victims.Select(victim => victim.KillAsync()));

    /// <summary>The live nodes that hold a file.</summary>
    public IReadOnlyList<Member> HoldersOf(FileId file) => [.. Live.Where(member => member.Past.Replicas.Contains(file))];

    /// <summary>Ends the whole ring: nobody is left whom a node could say farewell to.</summary>
    public async ValueTask DisposeAsync() => await KillAsync(Live);
}
