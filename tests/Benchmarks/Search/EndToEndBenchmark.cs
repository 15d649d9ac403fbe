using System.Diagnostics;
using System.Security.Cryptography;
using P2P.YouSearch;

namespace Benchmarks.Search;

/// <summary>Measures what people wait for in a village of peers: the answers of all peers to a query, and that others find what has just been saved.</summary>
internal sealed class EndToEndBenchmark
{
    private const int DocumentsOfAPeer = 20;
    private const int BytesOfADocument = 3_000;
    private const int WarmUpQueries = 40;
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    private static readonly TimeSpan AskAgainInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FindDeadline = TimeSpan.FromSeconds(30);

    private readonly SearchedVillage _village;
    private readonly string[] _queries;
    private int _asked;

    private EndToEndBenchmark(SearchedVillage village, string[] queries) => (_village, _queries) = (village, queries);

    /// <summary>Measures all of it.</summary>
    /// <param name="peers">How many peers there are.</param>
    /// <param name="queries">How many queries one of them asks, one after the other.</param>
    /// <param name="saves">How many files another saves, one after the other.</param>
    public static async Task<EndToEndFigures> MeasureAsync(int peers, int queries, int saves)
    {
        var documents = peers * DocumentsOfAPeer;
        var corpus = SearchCorpus.Make(documents, (long)documents * BytesOfADocument, (queries + WarmUpQueries + peers) * 3);
        await using var village = await SearchedVillage.StartAsync(peers, corpus);
        var benchmark = new EndToEndBenchmark(village, [.. corpus.Queries.Where(query => query.Split(' ').Length == 2)]);

        // The first searches open connections, and what runs for the first time is compiled.
        await benchmark.AskAsync(Enumerable.Repeat(0, WarmUpQueries));
        var processor = Environment.CpuUsage.TotalTime;
        var searches = await benchmark.AskAsync(Enumerable.Repeat(0, queries));
        processor = Environment.CpuUsage.TotalTime - processor;
        var unconnected = await benchmark.AskAsync(Enumerable.Range(2, peers - 2));
        var found = await benchmark.SaveAsync(saves);

        List<Asked> byWidth = [.. searches.OrderBy(search => search.Sites)];
        var wide = byWidth[(byWidth.Count * 9 / 10)..];
        List<TimeSpan> firstHits = [.. searches.Where(search => search.FirstHit is not null).Select(search => search.FirstHit!.Value)];
        return new(
            peers, documents, queries, At(searches, 0.5), At(searches, 0.99), At(wide, 0.5), wide[0].Sites, At(unconnected, 0.5), At(unconnected, 0.99), At(firstHits, 0.5), At(firstHits, 0.99),
            byWidth[byWidth.Count / 2].Sites, byWidth[^1].Sites, searches.Sum(search => search.Progress.Empty) / (double)searches.Sum(search => search.Progress.Answered), processor / queries,
            searches.Concat(unconnected).Sum(search => search.Progress.Silent + search.Progress.Away), found.Count, At(found, 0.5), At(found, 1));
    }

    private static TimeSpan At(List<Asked> searches, double part) => At([.. searches.Select(search => search.Time)], part);

    private static TimeSpan At(List<TimeSpan> times, double part) => times.Order().ElementAtOrDefault((int)((times.Count - 1) * part));

    /// <summary>Lets peers ask one query each, one after the other.</summary>
    private async Task<List<Asked>> AskAsync(IEnumerable<int> askers)
    {
        var searches = new List<Asked>();
        foreach (var asker in askers)
        {
            var started = Stopwatch.GetTimestamp();
            TimeSpan? firstHit = null;
            SearchProgress? progress = null;
            await foreach (var results in _village.Peers[asker].Search.SearchAsync(_queries[_asked++], new() { UsesCache = false }))
            {
                firstHit ??= results.Hits.Count > 0 ? Stopwatch.GetElapsedTime(started) : null;
                progress = results.Progress;
            }

            searches.Add(new(Stopwatch.GetElapsedTime(started), firstHit, progress!));
        }

        return searches;
    }

    /// <summary>Saves files with words that nobody else has, and asks for them again and again.</summary>
    private async Task<List<TimeSpan>> SaveAsync(int saves)
    {
        var (saver, asker) = (_village.Peers[1], _village.Peers[0].Search);
        var found = new List<TimeSpan>();
        for (var i = 0; i < saves; i++)
        {
            var word = RandomNumberGenerator.GetString(Letters, 16);

            // Neither side is in step with what happens from time to time.
            await Task.Delay(RandomNumberGenerator.GetInt32(1000, 2000));
            var started = Stopwatch.GetTimestamp();
            await File.WriteAllTextAsync(Path.Combine(saver.Root, $"saved{i}.txt"), $"What was saved has the word {word}.");
            while ((await asker.FindAsync(word)).Hits.Count == 0)
            {
                if (Stopwatch.GetElapsedTime(started) > FindDeadline)
                {
                    throw new InvalidOperationException($"What was saved is not found after {FindDeadline.TotalSeconds} s.");
                }

                await Task.Delay(AskAgainInterval);
            }

            found.Add(Stopwatch.GetElapsedTime(started));
        }

        return found;
    }

    /// <summary>Is what became of one search.</summary>
    private sealed record Asked(TimeSpan Time, TimeSpan? FirstHit, SearchProgress Progress)
    {
        /// <summary>How many sites were asked over the network, which that of the asker is not.</summary>
        public int Sites => Progress.Candidates - 1;
    }
}
