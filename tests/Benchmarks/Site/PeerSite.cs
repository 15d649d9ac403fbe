using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;

namespace Benchmarks.Site;

/// <summary>A peer as anybody has it: signed in at a coordinator, with a rule that opens the site to everyone, and a log of who has read what.</summary>
internal sealed class PeerSite : IAsyncDisposable
{
    private readonly WebApplication _application;

    private PeerSite(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.Single());

    /// <summary>The name by which the site must be asked.</summary>
    public string Host => _application.Services.GetRequiredService<YouServPeer>().Status.Host;

    public static async Task<PeerSite> StartAsync(string root, string state, Uri coordinator)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(coordinator);
            options.Folder = root;
            options.StateFolder = state;
        });
        var application = builder.Build();
        application.UseYouServPeer();
        await application.StartAsync();
        var peer = application.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync("joe@example.org", "any");
        await peer.WhenAsync(PeerState.Serving);
        await peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
        return new(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
