using System.Diagnostics;
using Benchmarks.Dns;
using P2P.YouSearch;
using P2P.YouSearch.Index;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace Benchmarks.Search;

/// <summary>Measures the index of one site beside a bare table of FTS5 over the same text, in turns.</summary>
internal static class IndexBenchmark
{
    private const int Documents = 5000;
    private const long Bytes = 26_000_000;
    private const int Batch = 1000;

    /// <summary>Measures all of it.</summary>
    /// <param name="trials">How many times each index is made.</param>
    /// <param name="queries">How many queries each trial asks of each.</param>
    public static async Task<IndexFigures> MeasureAsync(int trials, int queries)
    {
        var corpus = SearchCorpus.Make(Documents, Bytes, queries);
        var (ours, bare) = (new List<double>(), new List<double>());
        var (queried, bareQueried, areaQueried, united) = (new List<double>(), new List<double>(), new List<double>(), new List<double>());
        var terms = 0;
        for (var trial = 0; trial < trials; trial++)
        {
            using var folder = new BenchmarkFolder();
            using var table = new BareTable(folder.PathOf("bare.db"));
            bare.Add(Seconds(() => table.Insert(corpus.Texts, Batch)));
            await using var index = await FtsIndex.OpenAsync(folder.PathOf("ours.db"));
            ours.Add(await FillAsync(index, corpus, areas: 1));
            await AskAsync(index, table, corpus, queried, bareQueried);
            var started = Stopwatch.GetTimestamp();
            terms = (await index.ReadTermsAsync(null)).Count;
            united.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
            await using var divided = await FtsIndex.OpenAsync(folder.PathOf("areas.db"));
            await FillAsync(divided, corpus, areas: 16);
            await AskInAreasAsync(divided, corpus, areaQueried);
        }

        var megabytes = corpus.Bytes / 1e6;
        return new IndexFigures(
            Documents, megabytes, trials, megabytes / Percentile(ours, 0.5), megabytes / Percentile(bare, 0.5), Time(queried, 0.5), Time(queried, 0.99), Time(bareQueried, 0.5), Time(bareQueried, 0.99),
            Time(areaQueried, 0.5), Time(united, 0.5), terms, megabytes / Fold(corpus));
    }

    /// <summary>Names a document.</summary>
    internal static string NameOf(int document) => $"document{document}.txt";

    private static async Task<double> FillAsync(FtsIndex index, SearchCorpus corpus, int areas)
    {
        var started = Stopwatch.GetTimestamp();
        for (var first = 0; first < corpus.Texts.Count; first += Batch)
        {
            await index.UpdateAsync([.. corpus.Texts.Skip(first).Take(Batch).Select((text, i) => Put(first + i, text, areas))]);
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    internal static IndexChange Put(int document, string text, int areas) => new IndexChange.Put(
        new IndexedFile { Path = SitePath.Parse(NameOf(document)), Stamp = "1", Digest = new string('0', 64), Area = $"area {document % areas}", HasText = true },
        text.Length,
        DateTimeOffset.UnixEpoch,
        new ExtractedText("txt", null, text));

    private static async Task AskAsync(FtsIndex index, BareTable table, SearchCorpus corpus, List<double> ours, List<double> bare)
    {
        // The first questions open connections and fill caches.
        for (var i = -corpus.Queries.Count / 10; i < corpus.Queries.Count; i++)
        {
            var text = corpus.Queries[Math.Abs(i)];
            _ = SearchQuery.TryParse(text, out var query, out _);
            var taken = Seconds(() => table.Search(text));
            var started = Stopwatch.GetTimestamp();
            await index.SearchAsync(query!, null, 10);
            if (i >= 0)
            {
                ours.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
                bare.Add(taken);
            }
        }
    }

    private static async Task AskInAreasAsync(FtsIndex index, SearchCorpus corpus, List<double> times)
    {
        string[] areas = [.. Enumerable.Range(0, 8).Select(i => $"area {i * 2}")];
        foreach (var text in corpus.Queries)
        {
            _ = SearchQuery.TryParse(text, out var query, out _);
            var started = Stopwatch.GetTimestamp();
            await index.SearchAsync(query!, areas, 10);
            times.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    private static double Fold(SearchCorpus corpus)
    {
        var buffer = new char[WordReader.WordLengthMax];
        List<double> times = [];
        for (var i = 0; i < 5; i++)
        {
            times.Add(Seconds(() =>
            {
                foreach (var text in corpus.Texts)
                {
                    var reader = new WordReader(text, buffer);
                    while (reader.Read())
                    {
                    }
                }
            }));
        }

        return Percentile(times, 0.5);
    }

    private static double Seconds(Action work)
    {
        var started = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static TimeSpan Time(List<double> seconds, double share) => TimeSpan.FromSeconds(Percentile(seconds, share));

    private static double Percentile(List<double> values, double share) => values.Order().ElementAt((int)((values.Count - 1) * share));
}
