// snippet: search-in-short
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouSearch;
// end of snippet

namespace Architecture.Tests.Snippets.InShort;

/// <summary>The package in a few lines, as README shows it.</summary>
internal static class SearchInShort
{
    public static async Task RunAsync(WebApplication peer)
    {
        // snippet: search-in-short
        var search = peer.Services.GetRequiredService<YouSearchPeer>();
        await foreach (var results in search.SearchAsync("umbrella \"red or blue\" type:pdf"))
        {
            foreach (var hit in results.Hits)
            {
                Console.WriteLine($"{hit.Title} at {hit.Url}: {hit.Snippet.Text}");
            }
        }
        // end of snippet
    }
}
