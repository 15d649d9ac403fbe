using P2P.Pastry.Simulation;
using P2P.YouSearch;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace PaperFigures.Experiments.Searching;

/// <summary>Lets a world's searches run in virtual time, by the machines that peers and registrars run, and notes how each went.</summary>
internal sealed class SearchRunner
{
    private const int SuffixLength = 1;

    /// <summary>How long a peer gathers changes before it tells of them.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);

    private readonly SimulationKernel<Happening> _kernel;
    private readonly HashSet<int>[] _words;
    private readonly Dictionary<int, AnswerCache> _caches = [];
    private readonly Connections _connections;
    private readonly List<SearchOutcome> _outcomes = [];

    private SearchRunner(SearchWorld world, bool usesCache, bool changes)
    {
        (World, UsesCache) = (world, usesCache);
        _kernel = new(world.Setup.Seed, static next => next.Happen());
        _words = [.. world.Words.Select(words => words.ToHashSet())];
        _connections = new(world.Registrar);
        Registrar = new(this);
        foreach (var change in changes ? world.Changes : [])
        {
            After(change.At, () => Change(change));
        }

        for (var i = 0; i < world.Queries.Length; i++)
        {
            var number = i;
            After(world.Queries[i].At, () => new VirtualSearch(this, number, world.Queries[number]).Begin());
        }
    }

    public SearchWorld World { get; }

    public bool UsesCache { get; }

    public VirtualRegistrar Registrar { get; }

    public TimeSpan Now => _kernel.Now.SinceStart;

    /// <summary>Runs all searches of a world.</summary>
    /// <param name="world">The world.</param>
    /// <param name="usesCache">Whether peers keep answers for others.</param>
    /// <param name="changes">Whether sites change meanwhile.</param>
    /// <returns>How they went, in the order in which they were asked.</returns>
    public static IReadOnlyList<SearchOutcome> Measure(SearchWorld world, bool usesCache, bool changes)
    {
        var run = new SearchRunner(world, usesCache, changes);
        if (!run._kernel.RunUntil(() => run._outcomes.Count == world.Queries.Length, SearchSetup.Span + world.Setup.Limits.Deadline + TimeSpan.FromSeconds(1)))
        {
            throw new InvalidOperationException($"{world.Queries.Length - run._outcomes.Count} searches did not end (seed {world.Setup.Seed}).");
        }

        return [.. run._outcomes.OrderBy(outcome => outcome.Number)];
    }

    public static Uri UrlOf(SiteName site) => new($"https://{site}.example.org/");

    public static int NumberOf(SiteName site) => int.Parse(site.Value.AsSpan(SuffixLength), System.Globalization.CultureInfo.InvariantCulture);

    public IReadOnlyCollection<int> WordsOf(int peer) => _words[peer];

    public bool HasAll(int peer, int[] words) => Array.TrueForAll(words, _words[peer].Contains);

    public AnswerCache CacheOf(int peer) =>
        _caches.TryGetValue(peer, out var cache) ? cache : _caches[peer] = new(new YouSearchOptions().CacheBytes, new YouSearchOptions().CacheLifetime);

    public void After(TimeSpan span, Action action) => _kernel.Schedule(_kernel.Now + span, new(action));

    /// <summary>Lets a peer ask another, or the registrar, and learn what it says. Of the dead nothing is heard.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="to">Who is asked.</param>
    /// <param name="service">How long that one needs.</param>
    /// <param name="serve">Finds the answer there.</param>
    /// <param name="take">Takes it; says whether somebody still waited for it, else its connection is closed.</param>
    public void Ask<T>(int from, int to, TimeSpan service, Func<T> serve, Func<T, bool> take)
    {
        if (to != World.Registrar && World.Kinds[to] == PeerKind.Dead)
        {
            return;
        }

        var back = World.RoundTrip(from, to) / 2;
        After(World.WayOf(from, to, _connections.Has(from, to, Now)) - back + service, () =>
        {
            var answer = serve();
            After(back, () =>
            {
                if (take(answer))
                {
                    _connections.Use(from, to, Now);
                }
            });
        });
    }

    public void End(SearchOutcome outcome) => _outcomes.Add(outcome);

    private void Change(SiteChange change)
    {
        _words[change.Peer].Add(change.Added);
        _words[change.Peer].Remove(change.Removed);
        After(Gathering + World.WayOf(change.Peer, World.Registrar, isConnected: false) / 2, () => Registrar.Change(change.Peer));
    }
}
