using System.Globalization;
using PaperFigures.Output;

namespace PaperFigures.Experiments.Searching;

/// <summary>Makes figures of how searches went over the network, and how the same went where peers kept answers.</summary>
/// <param name="world">The world.</param>
/// <param name="network">The searches over the network.</param>
/// <param name="kept">The same where answers were kept.</param>
internal sealed class SearchFigures(SearchWorld world, IReadOnlyList<SearchOutcome> network, IReadOnlyList<SearchOutcome> kept)
{
    /// <summary>How many neighbours in rank the chart puts together.</summary>
    private const int Window = 20;

    private static readonly int[] Ranks = [1, 3, 10, 30, 100, 300, 500, 700, 1_000, 1_400];
    private static readonly (string Name, double Share)[] Percentiles = [("median", 0.5), ("90th percentile", 0.9), ("99th percentile", 0.99), ("largest", 1)];

    /// <summary>The searches, the one first that asked most peers.</summary>
    private readonly Pair[] _ranked = [.. network.Zip(kept, (one, other) => new Pair(one, other)).OrderByDescending(pair => pair.Network.Asked).ThenBy(pair => pair.Network.Number)];

    /// <summary>The searches that got something that was kept, the one first that took longest without.</summary>
    private readonly Pair[] _answered =
        [.. network.Zip(kept, (one, other) => new Pair(one, other)).Where(pair => pair.Kept.FromCache > 0).OrderByDescending(pair => pair.Network.All).ThenBy(pair => pair.Network.Number)];

    public Figures ToFigures()
    {
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{world.Setup.Peers:n0} peers, {network.Count:n0} searches for {world.Queries.DistinctBy(asked => asked.Wanted.Query).Count():n0} queries by people of {world.Setup.Groups} groups");
        return new Figures(title, ["", "peers asked", "first, ms", "all, ms", "end, ms", "kept: peers", "first, ms", "all, ms", "end, ms"], [.. Rows()], DrawRanks(title), Keys())
        {
            Charts = [("cached", DrawKept(title))],
            Tables = [("queries", [.. Searches()])],
        };
    }

    private IEnumerable<IReadOnlyList<string>> Rows()
    {
        foreach (var rank in Ranks.Where(rank => rank <= _ranked.Length))
        {
            var (one, other) = _ranked[rank - 1];
            yield return [string.Create(CultureInfo.InvariantCulture, $"rank {rank:n0}"), .. Cells(one), .. Cells(other)];
        }

        foreach (var (name, share) in Percentiles)
        {
            yield return [name, .. Cells(network, share), .. Cells(kept, share)];
        }

        yield return ["slides, median", "-", "-", "8,180", "-", "-", "-", "almost none", "-"];
        yield return ["slides, largest", "about 600", "-", "354,200", "-", "-", "-", "-", "-"];
        foreach (var (name, share) in Percentiles)
        {
            yield return [$"{_answered.Length} from kept, {name}", .. Cells([.. _answered.Select(pair => pair.Network)], share), .. Cells([.. _answered.Select(pair => pair.Kept)], share)];
        }

        yield return Sums("asked in vain", "p2", InVain(network), InVain(kept));
        yield return Sums("too far to answer in time", "p2", (double)network.Sum(search => search.Missed.Count) / network.Sum(search => search.Asked), (double)kept.Sum(search => search.Missed.Count) / kept.Sum(search => search.Asked));
        yield return Sums("requests to peers", "n0", ToPeers(network), ToPeers(kept));
        yield return Sums("saved", "p1", 0, Saved(kept, search => search.ToPeers));
        yield return Sums("requests to the registrar", "n0", network.Sum(search => search.ToRegistrar), kept.Sum(search => search.ToRegistrar));
    }

    private IEnumerable<IReadOnlyList<string>> Searches()
    {
        yield return ["rank", "query", "named", "in_vain", "asked", "first_ms", "all_ms", "end_ms", "kept_asked", "kept_from_cache", "kept_first_ms", "kept_all_ms", "kept_end_ms"];
        for (var i = 0; i < _ranked.Length; i++)
        {
            var (one, other) = _ranked[i];
            yield return
            [
                (i + 1).ToString(CultureInfo.InvariantCulture), world.Queries[one.Number].Wanted.Query.Canonical, Show(one.Named), Show(one.NamedInVain), Show(one.Asked), Show(one.First), Show(one.All), Show(one.End),
                Show(other.Asked), Show(other.FromCache), Show(other.First), Show(other.All), Show(other.End),
            ];
        }

        static string Show(object? value) => value switch
        {
            TimeSpan time => time.TotalMilliseconds.ToString("f1", CultureInfo.InvariantCulture),
            int count => count.ToString(CultureInfo.InvariantCulture),
            _ => "",
        };
    }

    private (string Key, object Value)[] Keys() =>
    [
        ("first_p50_ms", Rounded(Percentile(Firsts(network), 0.5))),
        ("all_p50_ms", Rounded(Percentile(Milliseconds(network, search => search.All), 0.5))),
        ("all_p90_ms", Rounded(Percentile(Milliseconds(network, search => search.All), 0.9))),
        ("all_max_ms", Rounded(network.Concat(kept).Max(search => search.End.TotalMilliseconds))),
        ("cached_p50_ms", Rounded(Percentile(Milliseconds(_answered.Select(pair => pair.Kept), search => search.All), 0.5))),
        ("cached_network_p50_ms", Rounded(Percentile(Milliseconds(_answered.Select(pair => pair.Network), search => search.All), 0.5))),
        ("cached_searches", _answered.Length),
        ("false_contacts", Math.Round(InVain(network), 5)),
        ("missed", Math.Round((double)network.Sum(search => search.Missed.Count) / Math.Max(1, network.Sum(search => search.Asked)), 5)),
        ("messages_saved_by_cache", Math.Round(Saved(kept, search => search.ToPeers + search.ToRegistrar), 4)),
        ("wrong", network.Sum(search => SearchOracle.CountWrong(world, search, changes: false)) + kept.Sum(search => SearchOracle.CountWrong(world, search, changes: true))),
        ("trials", network.Count),
    ];

    private Chart DrawRanks(string subtitle) => new(
        "Time to gather all results",
        subtitle,
        $"Rank 1 asked most peers. Times are of {Window} neighbours in rank. Slides: median 8.18 s, maximum 354.20 s, up to about 600 peers.",
        new LinePanel("rank of query", "peers asked", false, [("peers", Mark.Steps, [.. _ranked.Select((pair, i) => (i + 1.0, (double)pair.Network.Asked))])]),
        new LinePanel(
            "rank of query",
            "seconds",
            false,
            [
                ("first, median", Mark.Steps, Windows(Firsts, 0.5)),
                ("all, median", Mark.Steps, Windows(searches => Milliseconds(searches, search => search.All), 0.5)),
                ("end, longest", Mark.Steps, Windows(searches => Milliseconds(searches, search => search.End), 1)),
            ]));

    private Chart DrawKept(string subtitle) => new(
        "Gains from kept answers",
        subtitle,
        $"{_answered.Length} searches that got what a peer had kept, and the same over the network. Slides: tens of seconds, almost none.",
        new LinePanel(
            "rank of query",
            "seconds until all results are there",
            false,
            [
                ("network", Mark.Steps, [.. _answered.Select((pair, i) => (i + 1.0, pair.Network.All.TotalSeconds)).DefaultIfEmpty((0, 0))]),
                ("kept", Mark.Steps, [.. _answered.Select((pair, i) => (i + 1.0, pair.Kept.All.TotalSeconds)).DefaultIfEmpty((0, 0))]),
            ]));

    private IReadOnlyList<(double X, double Y)> Windows(Func<IEnumerable<SearchOutcome>, IEnumerable<double>> measure, double share) =>
    [
        .. _ranked.Chunk(Window)
            .Select((chunk, i) => ((i * Window) + 1.0, Percentile(measure(chunk.Select(pair => pair.Network)), share) / 1000))
            .Where(point => double.IsFinite(point.Item2)),
    ];

    private double Saved(IReadOnlyList<SearchOutcome> searches, Func<SearchOutcome, int> sent) => 1 - ((double)searches.Sum(sent) / network.Sum(sent));

    private static int ToPeers(IReadOnlyList<SearchOutcome> searches) => searches.Sum(search => search.ToPeers);

    private static double InVain(IReadOnlyList<SearchOutcome> searches) => (double)searches.Sum(search => search.NamedInVain) / Math.Max(1, searches.Sum(search => search.Named));

    private static string[] Sums(string name, string format, double one, double other) =>
        [name, one.ToString(format, CultureInfo.InvariantCulture), "", "", "", other.ToString(format, CultureInfo.InvariantCulture), "", "", ""];

    private static string[] Cells(SearchOutcome search) => [Show(search.Asked), Show(search.First?.TotalMilliseconds ?? double.NaN), Show(search.All.TotalMilliseconds), Show(search.End.TotalMilliseconds)];

    private static string[] Cells(IReadOnlyList<SearchOutcome> searches, double share) =>
    [
        Show(Percentile(searches.Select(search => (double)search.Asked), share)),
        Show(Percentile(Firsts(searches), share)),
        Show(Percentile(Milliseconds(searches, search => search.All), share)),
        Show(Percentile(Milliseconds(searches, search => search.End), share)),
    ];

    private static IEnumerable<double> Firsts(IEnumerable<SearchOutcome> searches) => searches.Select(search => search.First).OfType<TimeSpan>().Select(time => time.TotalMilliseconds);

    private static IEnumerable<double> Milliseconds(IEnumerable<SearchOutcome> searches, Func<SearchOutcome, TimeSpan> time) => searches.Select(search => time(search).TotalMilliseconds);

    /// <summary>Gives the smallest value that so many are not above; NaN where there is none.</summary>
    private static double Percentile(IEnumerable<double> values, double share)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    private static string Show(double value) => double.IsNaN(value) ? "-" : value.ToString("n0", CultureInfo.InvariantCulture);

    /// <summary>Rounds a figure for programs; -1 stands where nothing was counted.</summary>
    private static double Rounded(double value) => double.IsNaN(value) ? -1 : Math.Round(value, 1);

    private sealed record Pair(SearchOutcome Network, SearchOutcome Kept);
}
