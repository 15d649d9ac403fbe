using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PaperFigures.Experiments.Groups;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>SCRIBE (JSAC 2002), §6: delays, the stress of nodes and that of links, with groups of Zipf-like sizes on a transit–stub network.</summary>
internal sealed class ScribeTrees : IExperiment
{
    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes there are.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> _groups = new("--groups") { Description = "How many groups there are.", DefaultValueFactory = _ => 1_500 };
    private readonly Option<int> _sizeMin = new("--size-min") { Description = "How many members the smallest groups have.", DefaultValueFactory = _ => 11 };

    public string Name => "scribe";

    public string Description => "Delay and stress of the trees of many groups, beside IP multicast.";

    public IReadOnlyList<Option> Options => [_nodes, _groups, _sizeMin];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var watch = Stopwatch.StartNew();
        var setup = new ForestRun.Setup(seed, arguments.GetValue(_nodes), arguments.GetValue(_groups), arguments.GetValue(_sizeMin));
        var run = ForestRun.Measure(setup);
        double[] average = [.. run.Delays.Select(delay => delay.Average).Where(double.IsFinite).Order()];
        double[] longest = [.. run.Delays.Select(delay => delay.Max).Where(double.IsFinite).Order()];
        var (tables, entries) = (Sorted(run.Forest.TablesOf), Sorted(run.Forest.EntriesOf));
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{setup.Nodes:n0} nodes on a transit–stub network, {setup.Groups:n0} groups of {setup.SizeMin:n0} to {setup.Nodes:n0} members, a message to each");
        return new Figures(
            title,
            ["", "paper, 100,000 nodes", "ours"],
            [
                ["Delay to members over that of IP multicast, average (RAD), half of the groups up to", "1.68", Show(Median(average), "f2")],
                ["worst group", "2", Show(average[^1], "f2")],
                ["delay to the last member (RMD), half of the groups up to", "1.69", Show(Median(longest), "f2")],
                ["worst group", "4.26", Show(longest[^1], "f2")],
                ["Children tables a node, mean", "2.4", Show(tables.Average(), "f2")],
                ["median", "2", Show(Median(tables), "f0")],
                ["max", "40", Show(tables[^1], "n0")],
                ["Entries in children tables a node, mean", "6.2", Show(entries.Average(), "f2")],
                ["median", "3", Show(Median(entries), "f0")],
                ["max", "1,059", Show(entries[^1], "n0")],
                ["Messages over a link, mean over all links", "2.4", Show(run.Scribe.Mean, "f2")],
                ["the same, IP multicast", "0.7", Show(run.Multicast.Mean, "f2")],
                ["SCRIBE over IP multicast, all links together", "3.3", Show((double)run.Scribe.Total / run.Multicast.Total, "f2")],
                ["naive unicast over IP multicast", "-", Show((double)run.Unicast.Total / run.Multicast.Total, "f2")],
                ["max", "4,031", Show(run.Scribe.Max, "n0")],
                ["max, IP multicast", "950", Show(run.Multicast.Max, "n0")],
                ["max, naive unicast", "-", Show(run.Unicast.Max, "n0")],
                ["Rendezvous points a node, max", "-", Show(run.Forest.RootsAt.Max(), "n0")],
                ["nodes that are any, of as many as random places would give", "-", Show(run.Forest.RootsAt.Count(roots => roots > 0) / Expected(setup), "f3")],
                ["Memberships", "395,247", Show(run.Memberships, "n0")],
                ["Messages that came, over those", "-", Show((double)run.Delivered / run.Memberships, "f6")],
                ["Members in no tree", "-", Show(run.Delays.Sum(delay => delay.Unreached), "n0")],
                ["Ring formed in, s", "-", Show(run.Grown.TotalSeconds, "f0")],
                ["Groups formed in, s", "-", Show(run.Formed.TotalSeconds, "f0")],
                ["Wall time, s", "-", Show(watch.Elapsed.TotalSeconds, "f0")],
            ],
            Draw(title, run, average, longest, entries),
            [
                ("rad_median", Math.Round(Median(average), 3)),
                ("rmd_median", Math.Round(Median(longest), 3)),
                ("rad_max", Math.Round(average[^1], 3)),
                ("tables_mean", Math.Round(tables.Average(), 3)),
                ("entries_mean", Math.Round(entries.Average(), 3)),
                ("entries_max", (int)entries[^1]),
                ("link_stress_mean", Math.Round(run.Scribe.Mean, 3)),
                ("link_stress_max", run.Scribe.Max),
            ]);
    }

    private static Chart Draw(string subtitle, ForestRun.Outcome run, double[] average, double[] longest, double[] entries) => new(
        "Trees of groups",
        subtitle,
        "Delays from the root, over those of a shortest-path tree. Paper: Castro et al., IEEE JSAC 2002, for 100,000 nodes; 1.69 for the last member.",
        new LinePanel(
            "delay over that of IP multicast",
            "fraction of groups",
            false,
            ("average", Mark.Steps, Cumulate(average)),
            ("last member", Mark.Steps, Cumulate(longest)),
            ("paper, half of groups", Mark.Dashes, [(1.68, 0), (1.68, 0.5), (0, 0.5)])),
        new LinePanel(
            "entries in children tables (logarithmic)",
            "fraction of nodes with so many or fewer",
            true,
            ("SCRIBE", Mark.Steps, Cumulate([.. entries.Select(count => Math.Max(1, count))]))),
        new LinePanel(
            "messages over a link (logarithmic)",
            "fraction of links with so many or fewer",
            true,
            ("SCRIBE", Mark.Steps, run.Scribe.Distribution),
            ("IP multicast", Mark.Steps, run.Multicast.Distribution),
            ("unicast", Mark.Steps, run.Unicast.Distribution)));

    private static IReadOnlyList<(double X, double Y)> Cumulate(double[] sorted) =>
        [.. sorted.Select((value, index) => (value, (index + 1.0) / sorted.Length)).GroupBy(point => point.value).Select(points => points.Last())];

    /// <summary>How many nodes would be a rendezvous point if each group's were drawn evenly.</summary>
    private static double Expected(ForestRun.Setup setup) => setup.Nodes * (1 - Math.Pow(1 - 1.0 / setup.Nodes, setup.Groups));

    private static double[] Sorted(int[] counts) => [.. counts.Select(count => (double)count).Order()];

    private static double Median(double[] sorted) => sorted[(sorted.Length - 1) / 2];

    private static string Show(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
