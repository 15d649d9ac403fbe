using System.Diagnostics;
using System.Net;
using Benchmarks.Dns;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace Benchmarks.Search;

/// <summary>
/// Measures a registrar that holds all vectors itself: queries of two words, and registrations as they come from the wire. Whether it is served by whoever registers it is read from the coordinator's store, SQLite,
/// which has the sites whose registrations are timed.
/// </summary>
internal sealed class RegistrarBenchmark
{
    private const int VocabularyWords = 100_000;
    private const int CommonWordsOfASite = 200;
    private const int ChangedWords = 100;
    private const int ChangingSites = 200;

    private readonly SqliteCoordinatorStore _store;
    private readonly Random _random = new(1);
    private readonly Registrar _registrar;
    private readonly RegistrarMachine _machine;
    private readonly MatrixVectors _vectors = new(4L << 30);
    private readonly Dictionary<int, PartitionedBloomFilter> _filters = [];

    private RegistrarBenchmark(SqliteCoordinatorStore store)
    {
        _store = store;
        _machine = new RegistrarMachine(new() { RegistrationInterval = TimeSpan.Zero }, 1);
        _registrar = new Registrar(_machine, new()
        {
            Vectors = _vectors,
            Places = new SiteFollower(store, store, "userv.example"),
            Probe = null!,
            Clock = TimeProvider.System,
            Logger = NullLogger.Instance,
        });
    }

    /// <param name="peers">How many sites there are.</param>
    /// <param name="isMixed">Whether they have vectors of 4 to 256 Kbit; else all have 64 Kbit.</param>
    /// <param name="quick">Whether to measure shortly.</param>
    public static async Task<RegistrarFigures> RunAsync(int peers, bool isMixed, bool quick)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        using var folder = new BenchmarkFolder();
        await using var store = await SqliteCoordinatorStore.OpenAsync(folder.PathOf("coordinator.db"));
        var benchmark = new RegistrarBenchmark(store);
        for (var site = 0; site < peers; site++)
        {
            await benchmark.AddAsync(site, isMixed, isKept: site % (peers / ChangingSites) == 0);
        }

        var kept = benchmark._filters.Values.Sum(filter => filter.MemoryBytes);
        var total = GC.GetTotalMemory(forceFullCollection: true) - before - kept;
        var queries = quick ? 20_000 : 200_000;
        var signedIn = await benchmark.AskAsync(isSignedIn: true, queries);
        var anonymous = await benchmark.AskAsync(isSignedIn: false, queries);
        var changes = await benchmark.ChangeAsync(quick ? 10 : 50);
        var words = await benchmark.KeepAsync(quick ? 10 : 50);
        return new(
            peers, queries, At(signedIn.Times, 0.5), At(signedIn.Times, 0.99), At(anonymous.Times, 0.5), signedIn.Bytes, signedIn.Candidates,
            At(changes, 0.5), At(changes, 0.99), At(words, 0.5), benchmark._vectors.MemoryBytes / (double)(1 << 20), total / (double)(1 << 20));
    }

    private static double At(double[] sorted, double part) => sorted[(int)(sorted.Length * part)];

    private static SiteName NameOf(int site) => SiteName.Parse($"site{site}");

    private static Asker OwnerOf(SiteName site) => Askers.Of(new Visitor { User = UserId.Parse($"{site}@example.org") }, site);

    private async Task AddAsync(int site, bool isMixed, bool isKept)
    {
        // Three in four sites have little; the lengths are those that half-filled vectors have.
        var bits = isMixed ? 1L << (_random.Next(4) > 0 ? _random.Next(12, 16) : _random.Next(16, 19)) : 1L << 16;
        var filter = NewFilter(bits, _random.Next((int)(bits * 0.35), (int)(bits * 0.69)));
        var members = NewFilter(bits / 4, _random.Next((int)(bits / 4 * 0.35), (int)(bits / 4 * 0.69)));
        var name = NameOf(site);
        _machine.Locate(new(new() { Site = name, Url = new Uri($"https://{name}.userv.example"), Addresses = [IPAddress.Loopback] }, "lease", null));
        if (isKept)
        {
            await ServeAsync(name);
        }

        await RegisterAsync(name, new() { Site = name, Generation = 1, Public = new SummaryNews.Whole(filter), Members = new SummaryNews.Whole(members) });
        if (isKept)
        {
            _filters.Add(site, filter);
        }
    }

    private async Task ServeAsync(SiteName name)
    {
        var site = await _store.GetOrAddSiteAsync(UserId.Parse($"{name}@example.org"), $"{name}", [name]);
        await _store.TryReplaceSiteAsync(site with
        {
            Lease = new()
            {
                Id = "lease",
                Addresses = [IPAddress.Loopback],
                Port = 443,
                IsSecure = true,
                TokenHash = new string('0', 64),
                GrantedAt = DateTimeOffset.UtcNow,
                ExpiresAt = DateTimeOffset.UtcNow.AddDays(1),
            },
        });
    }

    private PartitionedBloomFilter NewFilter(long bits, int words)
    {
        var filter = new PartitionedBloomFilter(bits, SummaryFilter.Vectors);
        for (var count = 0; count < words; count++)
        {
            filter.AddUnshared(SummaryFilter.HashOf(count < CommonWordsOfASite ? Word() : (ulong)_random.NextInt64()));
        }

        return filter;
    }

    private ulong Word() => BloomHasher.Default.Hash((ulong)_random.Next(VocabularyWords)).Low;

    private async Task<(double[] Times, double Bytes, double Candidates)> AskAsync(bool isSignedIn, int count)
    {
        var asker = isSignedIn ? OwnerOf(NameOf(0)) : Asker.Anonymous;
        var queries = Enumerable.Range(0, count).Select(_ => new CandidateQuery { Alternatives = [[Word(), Word()]] }).ToArray();
        var times = new double[count];
        var (candidates, allocated) = (0L, 0L);
        for (var round = 0; round < 2; round++)
        {
            candidates = 0;
            allocated = GC.GetAllocatedBytesForCurrentThread();
            for (var index = 0; index < count; index++)
            {
                var started = Stopwatch.GetTimestamp();
                candidates += (await _registrar.FindAsync(asker, queries[index], CancellationToken.None)).Value!.Candidates.Count;
                times[index] = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        }

        Array.Sort(times);
        return (times, (double)allocated / count, (double)candidates / count);
    }

    /// <summary>Lets words come and go, as sites tell it.</summary>
    private async Task<double[]> ChangeAsync(int rounds)
    {
        List<double> times = [];
        foreach (var (site, filter) in _filters)
        {
            var newer = filter.Snapshot();
            for (var count = 0; count < ChangedWords; count++)
            {
                newer.Add(SummaryFilter.HashOf((ulong)_random.NextInt64()));
            }

            byte[][] there = [BytesOf(site, newer, filter), BytesOf(site, filter, newer)];
            for (var round = 0; round < rounds; round++)
            {
                // Changes that could have filled it are not taken: a whole one from time to time, as sites send it then.
                await RegisterAsync(NameOf(site), new() { Site = NameOf(site), Generation = 1, Public = new SummaryNews.Whole(filter), Members = SummaryNews.Nothing.Instance });
                foreach (var bytes in there)
                {
                    times.Add(await TimeAsync(site, bytes));
                }
            }
        }

        return [.. times.Order()];
    }

    private async Task<double[]> KeepAsync(int rounds)
    {
        List<double> times = [];
        foreach (var (site, filter) in _filters)
        {
            var bytes = BytesOf(site, filter, filter);
            for (var round = 0; round < rounds; round++)
            {
                times.Add(await TimeAsync(site, bytes));
            }
        }

        return [.. times.Order()];
    }

    private static byte[] BytesOf(int site, PartitionedBloomFilter filter, PartitionedBloomFilter before) =>
        RegistrationFormat.Write(RegistrationNews.Of(new() { Site = NameOf(site), Generation = 1, Public = new(filter, before), Members = new(null, null) }, parts: 1));

    private async Task<double> TimeAsync(int site, byte[] bytes)
    {
        var asker = OwnerOf(NameOf(site));
        var started = Stopwatch.GetTimestamp();
        if (!RegistrationFormat.TryRead(bytes, out var message) || (await _registrar.RegisterAsync(asker, message, CancellationToken.None)).Value is not { IsKnown: true })
        {
            throw new InvalidOperationException("A registration was not taken.");
        }

        return Stopwatch.GetElapsedTime(started).TotalMicroseconds;
    }

    private async Task RegisterAsync(SiteName site, RegistrationMessage message)
    {
        if ((await _registrar.RegisterAsync(OwnerOf(site), message, CancellationToken.None)).Value is not { IsKnown: true })
        {
            throw new InvalidOperationException("A registration was not taken.");
        }
    }
}
