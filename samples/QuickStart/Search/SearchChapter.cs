using System.Diagnostics;
using P2P.YouSearch;
using QuickStart.Report;
using QuickStart.Sites;

namespace QuickStart.Search;

/// <summary>Searches everyone's sites for a word, and compares what is found with what reading all documents finds.</summary>
internal static class SearchChapter
{
    public static async Task<SearchFigures> RunAsync(Village village, Publication publication, WordChoice choice, Screen screen, CancellationToken cancellationToken)
    {
        screen.Chapter("Search (YouSearch)", "Every peer indexes its own site. A registrar has filters of their words, and knows whom to ask and nothing more.");
        await screen.RunAsync("The sites are indexed, and the registrar knows of it", village.Residents.Count, async report =>
        {
            foreach (var resident in village.Residents)
            {
                await resident.Search.WhenFoundAsync(cancellationToken);
                report(1);
            }
        });

        var (searcher, others) = (village.Residents[^1], village.Residents.Count - 1);
        var watch = Stopwatch.StartNew();
        var first = TimeSpan.Zero;
        SearchResults? found = null;
        await screen.RunAsync($"{searcher.Name} searched for “{choice.Word}”, of which {choice.Documents.Count} of {publication.Documents.Count:N0} documents have some", 1, async _ =>
        {
            watch.Restart();
            await foreach (var results in searcher.Search.SearchAsync(choice.Word, cancellationToken: cancellationToken))
            {
                found = results;
                first = first == TimeSpan.Zero && results.Hits.Count > 0 ? watch.Elapsed : first;
            }

            watch.Stop();
        });

        // The searcher's own diary has the word as well, and is found by its owner; those of the others are not.
        string[] expected = [.. choice.Documents.Select(document => $"{document.Owner}/{document.Path}"), $"{searcher.Name}/{Resident.Diary}"];
        string[] got = [.. (found?.Hits ?? []).SelectMany(hit => (Uri[])[hit.Url, .. hit.SameAt]).Select(PlaceOf)];
        var isExact = got.Length == expected.Length && expected.ToHashSet().SetEquals(got);
        screen.Result($"First results after {first.TotalMilliseconds:f0} ms, the last after {watch.Elapsed.TotalMilliseconds:f0} ms, from {found?.Progress.Answered ?? 0} sites.");
        screen.Result(isExact
            ? $"Exactly the {choice.Documents.Count} that have it, and {searcher.Name}'s own diary; the diaries of {others} others have it too, and were not found."
            : $"NOT what reading all documents finds: expected {string.Join(", ", expected)}; found {string.Join(", ", got)}.");
        return new SearchFigures(choice.Documents.Count, first.TotalMilliseconds, watch.Elapsed.TotalMilliseconds, isExact);
    }

    private static string PlaceOf(Uri address) => $"{address.Host.Split('.')[0]}{Uri.UnescapeDataString(address.AbsolutePath)}";
}

/// <summary>Holds what the chapter has seen.</summary>
internal sealed record SearchFigures(int Matches, double FirstMs, double LastMs, bool IsExact);
