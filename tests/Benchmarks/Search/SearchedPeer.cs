using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
using P2P.YouServ;

namespace Benchmarks.Search;

/// <summary>A peer with search, reached by HTTPS, everything at its defaults.</summary>
internal sealed class SearchedPeer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private SearchedPeer(WebApplication application, string root) => (_application, Root) = (application, root);

    public YouSearchPeer Search => _application.Services.GetRequiredService<YouSearchPeer>();

    /// <summary>The folder that is the site.</summary>
    public string Root { get; }

    /// <summary>Starts a peer; it completes when others find what is in its folder.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="root">The folder that is the site.</param>
    /// <param name="state">What the peer keeps.</param>
    /// <param name="coordinator">Where the coordinator is.</param>
    /// <param name="audience">Who may read the site.</param>
    public static async Task<SearchedPeer> StartAsync(string user, string root, string state, Uri coordinator, Audience audience)
    {
        var builder = SearchedVillage.NewBuilder(isSecure: true);
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(coordinator);
            options.Folder = root;
            options.StateFolder = state;
        });
        builder.Services.AddYouSearch();
        var application = builder.Build();
        application.UseYouServPeer();
        await application.StartAsync();
        var started = new SearchedPeer(application, root);
        var peer = application.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync($"{user}@example.org", "any");
        await peer.WhenAsync(PeerState.Serving);
        await peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = audience });
        await started.Search.WhenFoundAsync();
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }
}
