using System.CommandLine;
using System.Globalization;
using PaperFigures.Experiments.Caching;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>PAST (2001), §5.2, figure 8: what caches save while replicas take more and more of the room that they have.</summary>
internal sealed class PastCache : IExperiment
{
    private const int PaperNodes = 2_250;

    private readonly Option<int> _nodes = new("--nodes")
    {
        Description = "How many nodes join, at least 8; files, references and clients are so many fewer than the paper's as the nodes are.",
        DefaultValueFactory = _ => PaperNodes,
    };

    public string Name => "past-cache";

    public string Description => "Lookups that caches answer, and the hops that lookups make, while an archive fills up.";

    public IReadOnlyList<Option> Options => [_nodes];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var nodes = arguments.GetValue(_nodes);
        var stream = ReferenceStream.Web.Scaled((double)nodes / PaperNodes);
        Curve[] curves = [.. CachePolicy.All.Select(policy => new Curve(policy, CachingRun.Measure(policy, stream, nodes, seed)))];
        var (greedy, recent, none) = (curves[0], curves[1], curves[2]);
        var title = string.Create(
            CultureInfo.InvariantCulture, $"{nodes:n0} nodes, {stream.Files:n0} files, {stream.References:n0} references of {stream.Clients} clients, k = 5, b = 4, l = 32");
        return new Figures(
            title,
            ["", .. CachePolicy.Utilisations.Select(utilisation => utilisation.ToString("p0", CultureInfo.InvariantCulture)), "refused", "wall s", "µs a reference"],
            [
                .. Rows("hit rate", [greedy, recent], curve => curve.Hits, policy => policy.PaperHits),
                .. Rows("hops", curves, curve => curve.Hops, policy => policy.PaperHops),
                .. curves.Select(curve => Row(
                    "lookups, " + curve.Policy.Name,
                    curve.Samples.Select(sample => sample.Lookups.ToString("n0", CultureInfo.InvariantCulture)),
                    curve.Outcome.Refused.ToString("n0", CultureInfo.InvariantCulture),
                    curve.Outcome.WallSeconds.ToString("f0", CultureInfo.InvariantCulture),
                    curve.Outcome.MicrosecondsAReference.ToString("f1", CultureInfo.InvariantCulture))),
            ],
            Draw(title, curves),
            [
                ("hit_gds", Rounded(greedy.Hits)),
                ("hit_lru", Rounded(recent.Hits)),
                ("hops_gds", Rounded(greedy.Hops)),
                ("hops_lru", Rounded(recent.Hops)),
                ("hops_none", Rounded(none.Hops)),
            ]);
    }

    private static IEnumerable<string[]> Rows(
        string measure, IReadOnlyList<Curve> curves, Func<Curve, IEnumerable<double>> ours, Func<CachePolicy, IEnumerable<double>> paper) =>
        curves.SelectMany(curve => (string[][])[Row($"{measure}, {curve.Policy.Name}", ours(curve).Select(Show)), Row("  paper", paper(curve.Policy).Select(Show))]);

    private static string[] Row(string head, IEnumerable<string> values, string refused = "-", string wall = "-", string each = "-") => [head, .. values, refused, wall, each];

    private static Chart Draw(string subtitle, IReadOnlyList<Curve> curves) => new(
        "Caches in an archive that fills up",
        subtitle,
        "Broken lines: Rowstron and Druschel, SOSP 2001, figure 8. Points count lookups 0.02 to either side of a utilisation.",
        Panel("fraction of lookups that a cache answered", [.. curves.Where(curve => curve.Policy.New is not null)], curve => curve.Hits, policy => policy.PaperHits),
        Panel("mean hops of a lookup", curves, curve => curve.Hops, policy => policy.PaperHops));

    private static LinePanel Panel(string title, IReadOnlyList<Curve> curves, Func<Curve, IEnumerable<double>> ours, Func<CachePolicy, IEnumerable<double>> paper) => new(
        "utilisation",
        title,
        false,
        [
            .. curves.Select(curve => (curve.Policy.Name, Mark.Points, Points(ours(curve)))),
            .. curves.Select(curve => ($"{curve.Policy.Name}, paper", Mark.Dashes, Points(paper(curve.Policy)))),
        ])
    { ColorCount = curves.Count };

    private static IReadOnlyList<(double X, double Y)> Points(IEnumerable<double> values) =>
        [.. CachePolicy.Utilisations.Zip(values).Where(point => double.IsFinite(point.Second))];

    private static string Show(double value) => double.IsNaN(value) ? "-" : value.ToString("f3", CultureInfo.InvariantCulture);

    /// <summary>Rounds figures for programs; -1 stands where nothing was counted.</summary>
    private static double[] Rounded(IEnumerable<double> values) => [.. values.Select(value => double.IsNaN(value) ? -1 : Math.Round(value, 4))];

    /// <summary>What was found with a policy, at the utilisations of the paper's figure.</summary>
    private sealed record Curve(CachePolicy Policy, CachingRun.Outcome Outcome)
    {
        public IEnumerable<CachingRun.Sample> Samples => CachePolicy.Utilisations.Select(Outcome.Around);

        public IEnumerable<double> Hits => Samples.Select(sample => sample.HitRate);

        public IEnumerable<double> Hops => Samples.Select(sample => sample.MeanHops);
    }
}
