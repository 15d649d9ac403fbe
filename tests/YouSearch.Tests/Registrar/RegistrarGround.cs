using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace YouSearch.Tests.Registrar;

/// <summary>A registrar, and what it stands on, all in this process and none of it waiting for time.</summary>
internal sealed class RegistrarGround
{
    public const long FirstSequence = 1_000_000;

    private static readonly UserId Joe = UserId.Parse("joe@example.org");

    private readonly RegistrarSettings _settings;
    private ulong _sessions;

    public RegistrarGround(bool splits = false, RegistrarSettings? settings = null, FakeTimeProvider? clock = null)
    {
        Holders = splits ? [new(0), new(1), new(2)] : [];
        _settings = (settings ?? new()) with { Parts = splits ? 3 : 1 };
        Clock = clock ?? new();
        Registrar = NewRegistrar();
    }

    public FakeTimeProvider Clock { get; }

    public MemorySites Sites { get; } = new();

    public ChosenProbe Probe { get; } = new();

    public FlakyHolder[] Holders { get; }

    public P2P.YouSearch.Registrar Registrar { get; private set; }

    public static SiteName Site(string name) => SiteName.Parse(name);

    /// <summary>The owner of a site, at the machine that serves it.</summary>
    public static (Visitor Visitor, SiteName? Site) Owner(string site, params string[] groups) =>
        (new Visitor { User = UserId.Parse($"{site}@example.org"), Groups = groups.ToHashSet() }, Site(site));

    public static PartitionedBloomFilter? Filter(params ulong[] terms) => SummaryFilter.Of(terms);

    public static SiteRegistration Registration(string site, PartitionedBloomFilter? publicFilter, PartitionedBloomFilter? members = null, long generation = 1) =>
        new() { Site = Site(site), Generation = generation, Public = new(publicFilter, null), Members = new(members, null) };

    public static CandidateQuery For(params ulong[] terms) => new() { Alternatives = [terms] };

    /// <summary>Lets the registrar forget all, as a restart does.</summary>
    public void Restart() => Registrar = NewRegistrar();

    public async Task<RegistrationResult> RegisterAsync(string site, PartitionedBloomFilter? publicFilter, PartitionedBloomFilter? members = null, long generation = 1, params string[] groups)
    {
        var (visitor, own) = Owner(site, groups);
        return await Registrar.RegisterAsync(visitor, own, Registration(site, publicFilter, members, generation));
    }

    public async Task<CandidateList> FindAsync(CandidateQuery query, params string[] groups) =>
        await Registrar.FindAsync(new() { User = Joe, Groups = groups.ToHashSet() }, Site("joe"), query);

    public async Task<CandidateList> FindAnonymouslyAsync(CandidateQuery query) => await Registrar.FindAsync(Visitor.Anonymous, null, query);

    /// <summary>Names the sites that are found, in the order of their names.</summary>
    public async Task<string[]> NamesAsync(params ulong[] terms) => NamesOf(await FindAsync(For(terms)));

    public static string[] NamesOf(CandidateList list) => [.. list.Candidates.Select(candidate => candidate.Site.Value).Order(StringComparer.Ordinal)];

    public async Task PassAsync(TimeSpan time)
    {
        Clock.Advance(time);
        await LookAsync();
    }

    public async Task LookAsync() => await Registrar.LookAsync(CancellationToken.None);

    private P2P.YouSearch.Registrar NewRegistrar() => new(new RegistrarMachine(_settings, FirstSequence), new()
    {
        Vectors = Holders.Length == 0 ? new MatrixVectors(1L << 30) : new VectorFront(Holders, ++_sessions, NullLogger.Instance),
        Places = new SiteFollower(Sites, null, "userv.example"),
        Probe = Probe,
        Clock = Clock,
        Logger = NullLogger.Instance,
    });

    /// <summary>Finds the peers alive that the test says are, and tells when it was asked.</summary>
    internal sealed class ChosenProbe : IPeerProbe
    {
        private TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsAlive { get; set; } = true;

        /// <summary>Completes before a look does.</summary>
        public Task Before { get; set; } = Task.CompletedTask;

        public int Count { get; private set; }

        public Task<string> AskedAsync() => _asked.Task;

        public async ValueTask<bool> IsReachableAsync(string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken = default)
        {
            Count++;
            Interlocked.Exchange(ref _asked, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult(host);
            await Before;
            return IsAlive;
        }
    }
}
