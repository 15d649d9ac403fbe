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
    private int _starting;
    private bool _hasEnded;

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

    /// <summary>How many nodes run, with those that are being started.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _members.Count(member => member.IsUp) + _starting;
            }
        }
    }

    /// <summary>Starts one more node, and waits until it is ready. The first begins the ring.</summary>
    public async Task<Member> AddAsync(CancellationToken cancellationToken)
    {
        var member = await StartAsync(cancellationToken);
        await member.Node.WhenReadyAsync(cancellationToken);
        return member;
    }

    /// <summary>Starts one more node, which is ready later.</summary>
    /// <exception cref="OperationCanceledException">The ring has ended meanwhile.</exception>
    public async Task<Member> StartAsync(CancellationToken cancellationToken)
    {
        int number;
        lock (_gate)
        {
            (number, _starting) = (_started++, _starting + 1);
        }

        Member? member = null;
        bool isTooLate;
        try
        {
            var bootstraps = Live.Select(live => live.Node.Handle.Address).Take(BootstrapsMax);
            member = await Member.StartAsync(number, Path.Combine(folder, $"node-{number:00}"), capacity, bootstraps, cancellationToken);
        }
        finally
        {
            lock (_gate)
            {
                _starting--;
                isTooLate = _hasEnded;
                if (member is not null && !isTooLate)
                {
                    _members.RemoveAll(other => !other.IsUp);
                    _members.Add(member);
                }
            }
        }

        if (isTooLate)
        {
            await member.KillAsync();
            throw new OperationCanceledException("The ring ended while a node was being started.");
        }

        return member;
    }

    /// <summary>Stops nodes at once, without a word to anybody.</summary>
    public static Task KillAsync(params IEnumerable<Member> victims) => Task.WhenAll(victims.Select(victim => victim.KillAsync()));

    /// <summary>The live nodes that hold a file.</summary>
    public IReadOnlyList<Member> HoldersOf(FileId file) => [.. Live.Where(member => member.Past.Replicas.Contains(file))];

    /// <summary>Ends the whole ring: nobody is left whom a node could say farewell to.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _hasEnded = true;
        }

        await KillAsync(Live);
    }
}
