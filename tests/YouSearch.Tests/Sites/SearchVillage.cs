using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
using P2P.YouServ;
using YouServ.Tests.Sites;

namespace YouSearch.Tests.Sites;

/// <summary>A coordinator with a registrar, and peers with search, on this machine, over real sockets.</summary>
internal sealed class SearchVillage : IAsyncDisposable
{
    private readonly Dictionary<string, Inhabitant> _inhabitants = new(StringComparer.Ordinal);

    private SearchVillage(Village village) => Village = village;

    public Village Village { get; }

    public Inhabitant this[string user] => _inhabitants[user];

    public static async Task<SearchVillage> StartAsync(Action<RegistrarOptions>? configure = null, VillageGround? ground = null, Action<CoordinatorOptions>? coordinator = null) => new(await Village.StartAsync(coordinator, (ground ?? new()) with
    {
        Services = services => services.AddYouSearchRegistrar(options =>
        {
            // One address is everybody here.
            options.AddressRequestsPerSecond = 100_000;
            options.UserRequestsPerSecond = 10_000;
            configure?.Invoke(options);
        }),
        Routes = routes => routes.MapYouSearchRegistrar(),
    }));

    /// <summary>Lets somebody have a peer that searches.</summary>
    /// <param name="user">Who.</param>
    /// <param name="groups">The groups of the user.</param>
    /// <param name="configure">How the search is set up.</param>
    /// <param name="services">What else there is in the peer's container.</param>
    /// <param name="peer">How the peer is set up.</param>
    public async Task<Inhabitant> AddAsync(string user, string[]? groups = null, Action<YouSearchOptions>? configure = null, Action<IServiceCollection>? services = null, Action<PeerOptions>? peer = null)
    {
        await Village.AddUserAsync(user, groups ?? []);
        var (served, folder) = await Village.AddPeerAsync(user, container =>
        {
            services?.Invoke(container);
            container.AddYouSearch(options =>
            {
                options.SiteDeadline = TimeSpan.FromMinutes(1); // This machine may be busy with other tests.
                options.Deadline = TimeSpan.FromMinutes(5);
                configure?.Invoke(options);
            });
        }, peer);
        var inhabitant = new Inhabitant(user, served, Village.ServicesOf(served).GetRequiredService<YouSearchPeer>(), folder);
        _inhabitants[user] = inhabitant;
        await inhabitant.Search.WhenFoundAsync();
        return inhabitant;
    }

    public ValueTask DisposeAsync() => Village.DisposeAsync();
}
