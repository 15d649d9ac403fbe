using System.Globalization;
using System.Text.Json;

namespace Benchmarks.Search;

/// <summary>
/// Measures search: the index of one site beside a bare table of FTS5, a registrar that knows 10,000 sites, and what people wait for in a village of 200 peers: all answers to a query, and that others find what was
/// saved.
/// </summary>
internal static class SearchBenchmark
{
    private const int RegistrarPeers = 10_000;
    private const int VillagePeers = 200;
    private const int Saves = 10;

    public static async Task<int> RunAsync(bool quick)
    {
        // What the registrar keeps is told from what there was before, so nothing comes before it.
        var registrar = await RegistrarBenchmark.RunAsync(RegistrarPeers, isMixed: false, quick);
        var index = await IndexBenchmark.MeasureAsync(trials: quick ? 5 : 9, queries: quick ? 200 : 1000);
        Print($"index of one site, {index.Documents} documents, {index.Megabytes:f0} MB of text; medians of {index.Trials} trials, in turn");
        Row("taking documents", index.IndexMegabytesPerSecond, "MB/s", $"FTS5 as it comes {index.BareIndexMegabytesPerSecond:f1}; reading and folding words alone {index.FoldMegabytesPerSecond:f0}");
        Row("query, p50", index.QueryP50.TotalMilliseconds, "ms", $"FTS5 as it comes {index.BareQueryP50.TotalMilliseconds:f2}; p99 {index.QueryP99.TotalMilliseconds:f2} and {index.BareQueryP99.TotalMilliseconds:f2}");
        Row("query in 8 of 16 areas, p50", index.AreaQueryP50.TotalMilliseconds, "ms", $"");
        Row("uniting the terms", index.TermsTime.TotalMilliseconds, "ms", $"{index.Terms} terms");

        Print($"registrar, {registrar.Peers} sites with vectors of 64 Kbit; {registrar.Queries} queries of two words");
        Row("query, p50", registrar.QueryMedianMicroseconds, "µs", $"p99 {registrar.QueryP99Microseconds:f0}; of nobody in particular {registrar.AnonymousQueryMedianMicroseconds:f1}; {registrar.CandidatesMean:f0} sites named");
        Row("registration of 100 new words, p50", registrar.DeltaMedianMicroseconds, "µs", $"p99 {registrar.DeltaP99Microseconds:f0}; of no change {registrar.KeepAliveMedianMicroseconds:f1}");
        Row("memory", registrar.TotalMebibytes, "MiB", $"of which summaries {registrar.VectorMebibytes:f0}");

        var village = await EndToEndBenchmark.MeasureAsync(VillagePeers, quick ? 300 : 2000, Saves);
        Print($"village of {village.Peers} peers with {village.Documents} documents in one process, over HTTPS; {village.Queries} queries of two words");
        Row("all that is found, p50", village.QueryP50.TotalMilliseconds, "ms", $"p99 {village.QueryP99.TotalMilliseconds:f1}; {village.ProcessorTime.TotalMilliseconds:f1} ms of processor time");
        Row("the same of the tenth that asks most", village.WideP50.TotalMilliseconds, "ms", $"{village.WideAsked} peers and more");
        Row("the same without connections, p50", village.UnconnectedP50.TotalMilliseconds, "ms", $"p99 {village.UnconnectedP99.TotalMilliseconds:f1}; the first search of each peer");
        Row("first hit, p50", village.FirstHitP50.TotalMilliseconds, "ms", $"p99 {village.FirstHitP99.TotalMilliseconds:f1}; of the searches that find something");
        Row("peers asked, p50", village.AskedP50, "peers", $"at most {village.AskedMax}; {village.EmptyShare:p0} had nothing; {village.Silent} did not answer");
        Row("saved until found, p50", village.FoundP50.TotalMilliseconds, "ms", $"of {village.Saves}; at most {village.FoundMax.TotalMilliseconds:f0}");
        Console.WriteLine();
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["index_mb_per_second"] = Round(index.IndexMegabytesPerSecond),
            ["index_ratio"] = Round(index.IndexRatio),
            ["query_p50_ms"] = Round(index.QueryP50.TotalMilliseconds),
            ["query_p99_ms"] = Round(index.QueryP99.TotalMilliseconds),
            ["query_ratio"] = Round(index.QueryRatio),
            ["registrar_query_us"] = Round(registrar.QueryMedianMicroseconds),
            ["registrar_delta_us"] = Round(registrar.DeltaMedianMicroseconds),
            ["registrar_memory_mb"] = Math.Round(registrar.TotalMebibytes * (1 << 20) / 1e6),
            ["end_to_end_p50_ms"] = Round(village.QueryP50.TotalMilliseconds),
            ["end_to_end_p99_ms"] = Round(village.QueryP99.TotalMilliseconds),
            ["end_to_end_unconnected_p50_ms"] = Round(village.UnconnectedP50.TotalMilliseconds),
            ["first_hit_p50_ms"] = Round(village.FirstHitP50.TotalMilliseconds),
            ["peers_asked_p50"] = village.AskedP50,
            ["save_to_found_ms"] = Math.Round(village.FoundP50.TotalMilliseconds),
            ["save_to_found_longest_ms"] = Math.Round(village.FoundMax.TotalMilliseconds),
            ["trials"] = index.Trials,
        }));
        return village.Silent == 0 ? 0 : 1;
    }

    private static void Print(FormattableString heading)
    {
        Console.WriteLine();
        Console.WriteLine(heading.ToString(CultureInfo.InvariantCulture));
    }

    private static void Row(string name, double value, string unit, FormattableString beside) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-36} {value,9:f2} {unit,-5} {beside.ToString(CultureInfo.InvariantCulture)}"));

    private static double Round(double value) => Math.Round(value, 3);
}
