using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
using P2P.YouSearch.Index;
using P2P.YouServ;
using YouServ.Tests;

namespace YouSearch.Tests.Sites;

/// <summary>An index, an extractor and a registrar of one's own take the places of those in the box.</summary>
public sealed class SeamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task An_index_and_an_extractor_of_ones_own_are_used()
    {
        await using var village = await SearchVillage.StartAsync();
        var indexes = new OwnIndexes(_folder.In("own"));
        var joe = await village.AddAsync("joe", configure: options => options.Extractors.Insert(0, new RuneReader()), services: services => services.AddSingleton<IIndexFactory>(indexes));
        var alice = await village.AddAsync("alice");
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("stone.runes", "ᚠᚢᚦ");
        Assert.Equal(["joe/stone.runes"], await alice.FindAsync("futhark type:runes"));
        Assert.Equal(["joe.userv.localhost"], indexes.Opened);
    }

    [Fact]
    public async Task A_registrar_of_ones_own_is_asked()
    {
        await using var village = await SearchVillage.StartAsync();
        var registrar = new FlatRegistrar();
        var joe = await village.AddAsync("joe", services: services => services.AddSingleton<IRegistrar>(registrar));
        var alice = await village.AddAsync("alice", services: services => services.AddSingleton<IRegistrar>(registrar));
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("note.txt", "A red umbrella.");
        registrar.Places[SiteName.Parse("joe")] = joe.Peer.Status.Url!;
        Assert.Equal(["joe/note.txt"], await alice.FindAsync("umbrella"));
        Assert.Empty(await alice.FindAsync("parasol"));
        using var stranger = village.Village.NewBrowser();
        Assert.Equal(["joe/note.txt"], await SearchHttpTests.FindAsync(stranger, $"{alice.Peer.Status.Url}.search/results"));
        Assert.NotNull(registrar.Registrations[SiteName.Parse("joe")].Public.Filter);
    }

    public void Dispose() => _folder.Dispose();

    private sealed class OwnIndexes(string folder) : IIndexFactory
    {
        public List<string> Opened { get; } = [];

        public async ValueTask<ISearchIndex> OpenAsync(ServedSite site, CancellationToken cancellationToken)
        {
            Opened.Add(site.Host);
            return await FtsIndex.OpenAsync(Path.Combine(folder, $"{site.Name}.db"), cancellationToken: cancellationToken);
        }

        public ValueTask KeepAsync(IReadOnlyCollection<SiteName> copies, CancellationToken cancellationToken) => default;
    }

    private sealed class RuneReader : ITextExtractor
    {
        public bool Reads(string fileName) => fileName.EndsWith(".runes", StringComparison.Ordinal);

        public ValueTask<ExtractedText> ExtractAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken) => new(new ExtractedText("runes", "A stone", "futhark"));
    }

    /// <summary>Names everybody, whatever is looked for.</summary>
    private sealed class FlatRegistrar : IRegistrar
    {
        public ConcurrentDictionary<SiteName, Uri> Places { get; } = new();

        public ConcurrentDictionary<SiteName, SiteRegistration> Registrations { get; } = new();

        public ValueTask<RegistrationResult> RegisterAsync(SiteRegistration registration, CancellationToken cancellationToken)
        {
            Registrations[registration.Site] = registration;
            return new(new RegistrationResult(true, TimeSpan.FromMinutes(5)));
        }

        public ValueTask<CandidateList> FindAsync(CandidateQuery query, CancellationToken cancellationToken) => new(new CandidateList
        {
            Candidates = [.. Places.Select(place => new Candidate { Site = place.Key, Url = place.Value, Addresses = [System.Net.IPAddress.Loopback] })],
            Sequence = 1,
        });

        public ValueTask<IReadOnlyList<Candidate>> ReportSilentAsync(IReadOnlyList<SiteName> sites, CancellationToken cancellationToken) => new([]);

        public ValueTask OfferCachedAsync(string key, long sequence, CancellationToken cancellationToken) => default;
    }
}
