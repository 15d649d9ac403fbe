using System.Net;
using Benchmarks.Coordinator;
using Benchmarks.Dns;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace Benchmarks.Search;

/// <summary>A coordinator with a registrar, and peers with search and documents, in one process; peers are reached by HTTPS, with certificates of the coordinator.</summary>
internal sealed class SearchedVillage : IAsyncDisposable
{
    private const int StartedTogether = 4;

    private readonly BenchmarkFolder _folder;
    private readonly SqliteCoordinatorStore _store;
    private readonly WebApplication _coordinator;
    private readonly SearchedPeer[] _peers;

    private SearchedVillage(BenchmarkFolder folder, SqliteCoordinatorStore store, WebApplication coordinator, int peers) =>
        (_folder, _store, _coordinator, _peers) = (folder, store, coordinator, new SearchedPeer[peers]);

    public IReadOnlyList<SearchedPeer> Peers => _peers;

    /// <summary>Starts all of it; it completes when all documents are found.</summary>
    /// <param name="peers">How many peers there are. Everyone may read the sites of every other, and who has signed in those of the rest.</param>
    /// <param name="corpus">The documents, of which each peer has its part.</param>
    public static async Task<SearchedVillage> StartAsync(int peers, SearchCorpus corpus)
    {
        var folder = new BenchmarkFolder();
        var store = await SqliteCoordinatorStore.OpenAsync(folder.PathOf("coordinator.db"));
        var builder = NewBuilder(isSecure: false);
        builder.Services.AddSingleton<ICoordinatorStore>(store).AddSingleton<IDnsPublisher, SilentDns>().AddSingleton<IAuthenticator, Trusting>();
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = CoordinatorProcess.Zone;
            options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        });
        builder.Services.AddYouSearchRegistrar(options =>
        {
            // All peers have one address, and one user asks without a pause.
            options.AddressRequestsPerSecond = 100_000;
            options.UserRequestsPerSecond = 100_000;
        });
        var coordinator = builder.Build();
        coordinator.MapYouServCoordinator();
        coordinator.MapYouSearchRegistrar();
        await coordinator.StartAsync();
        var village = new SearchedVillage(folder, store, coordinator, peers);
        await village.MoveInAsync(new Uri(coordinator.Urls.Single()), corpus);
        return village;
    }

    /// <summary>Begins a web server on this machine that says nothing.</summary>
    internal static WebApplicationBuilder NewBuilder(bool isSecure)
    {
        // Systems let one user watch few places: what watches settings that never change would leave none for the sites.
        var builder = WebApplication.CreateSlimBuilder(["--hostBuilder:reloadConfigOnChange=false"]);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (isSecure)
            {
                listen.UseHttps();
            }
        }));
        return builder;
    }

    public async ValueTask DisposeAsync()
    {
        await Parallel.ForEachAsync(_peers, async (peer, _) => await peer.DisposeAsync());
        await _coordinator.StopAsync();
        await _coordinator.DisposeAsync();
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    private async Task MoveInAsync(Uri coordinator, SearchCorpus corpus)
    {
        var documents = corpus.Texts.Count / _peers.Length;
        await Parallel.ForEachAsync(Enumerable.Range(0, _peers.Length), new ParallelOptions { MaxDegreeOfParallelism = StartedTogether }, async (number, _) =>
        {
            var root = Directory.CreateDirectory(_folder.PathOf($"site{number}")).FullName;
            for (var i = number * documents; i < (number + 1) * documents; i++)
            {
                await File.WriteAllTextAsync(Path.Combine(root, IndexBenchmark.NameOf(i)), corpus.Texts[i], CancellationToken.None);
            }

            var audience = number % 2 == 0 ? Audience.Everyone : Audience.SignedIn;
            _peers[number] = await SearchedPeer.StartAsync($"user{number}", root, _folder.PathOf($"state{number}"), coordinator, audience);
        });
    }
}
