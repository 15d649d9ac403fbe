// snippet: peer-in-short
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using P2P.YouServ;
// end of snippet

namespace Architecture.Tests.Snippets.InShort;

/// <summary>The package in a few lines, as README shows it.</summary>
internal static class PeerInShort
{
    public static async Task RunAsync(string[] args)
    {
        // snippet: peer-in-short
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("https://0.0.0.0:8443");
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(new("https://userv.example"));
            (options.Folder, options.StateFolder) = ("my site", "my state");
        });
        builder.Services.AddYouSearch();

        var peer = builder.Build();
        peer.UseYouServPeer();
        await peer.StartAsync();
        await peer.Services.GetRequiredService<YouServPeer>().SignInAsync("joe@example.org", args[0]); // with the password, once; joe.userv.example leads here now
        await peer.WaitForShutdownAsync();
        // end of snippet
    }
}
