using P2P.YouSearch;

namespace Architecture.Tests.Snippets;

internal static class SearchSites
{
    public static async Task RunAsync(YouSearchPeer search, CancellationToken cancellationToken)
    {
        // snippet: search
        await foreach (var results in search.SearchAsync("umbrella \"red or blue\" type:pdf", cancellationToken: cancellationToken))
        {
            Console.WriteLine($"{results.Progress.Answered} of {results.Progress.Candidates} sites have answered.");
            foreach (var hit in results.Hits)
            {
                Console.WriteLine($"{hit.Title} at {hit.Url}: {hit.Snippet.Text}");
            }
        }
        // end of snippet
    }
}
