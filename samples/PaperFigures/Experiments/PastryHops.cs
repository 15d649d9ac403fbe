using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>Pastry (2001), figures 4 and 5: how many hops a message takes, in rings that joined by the protocol.</summary>
internal sealed class PastryHops : IExperiment
{
    private static readonly Dictionary<int, double> PaperHops = new()
    {
        [1_000] = 2.485,
        [5_000] = 2.954,
        [10_000] = 3.232,
        [20_000] = 3.494,
        [50_000] = 3.746,
        [100_000] = 3.976,
    };

    private static readonly double[] PaperDistributionAt100000 = [0, 0.0006, 0.0156, 0.1643, 0.6449, 0.1745];

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes join.", DefaultValueFactory = _ => 10_000 };
    private readonly Option<int> _lookups = new("--lookups") { Description = "How many lookups are routed.", DefaultValueFactory = _ => 200_000 };

    public string Name => "pastry-hops";

    public string Description => "Hops of a message, against the number of nodes.";

    public IReadOnlyList<Option> Options => [_nodes, _lookups];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var (nodes, lookups) = (arguments.GetValue(_nodes), arguments.GetValue(_lookups));
        var asInPaper = Measure(nodes, lookups, leafSetSize: 16, seed);
        var larger = Measure(nodes, lookups, leafSetSize: 32, seed);
        var paper = PaperHops.TryGetValue(nodes, out var hops) ? hops : double.NaN;
        string[] columns = ["", "paper, l = 16", "ours, l = 16", "ours, l = 32"];
        IReadOnlyList<string>[] rows =
        [
            ["Hops, mean", Show(paper, "f3"), Show(asInPaper.MeanHops, "f3"), Show(larger.MeanHops, "f3")],
            ["log₁₆ N", Show(Math.Log(nodes, 16), "f3"), Show(Math.Log(nodes, 16), "f3"), Show(Math.Log(nodes, 16), "f3")],
            .. Distribution(nodes, asInPaper, larger),
            ["Delivered at a wrong node", "-", Show(asInPaper.Wrong, "n0"), Show(larger.Wrong, "n0")],
            ["Not delivered", "-", Show(lookups - asInPaper.Arrived, "n0"), Show(lookups - larger.Arrived, "n0")],
            ["Joined in, s", "-", Show(asInPaper.JoinSeconds, "f1"), Show(larger.JoinSeconds, "f1")],
            ["Virtual time of that, s", "-", Show(asInPaper.VirtualSeconds, "f0"), Show(larger.VirtualSeconds, "f0")],
            ["Messages to join, a node", "-", Show(asInPaper.ControlPerNode, "f0"), Show(larger.ControlPerNode, "f0")],
            ["Lookups a second", "-", Show(asInPaper.LookupsPerSecond, "n0"), Show(larger.LookupsPerSecond, "n0")],
            ["Memory a node, bytes", "-", Show(asInPaper.BytesPerNode, "n0"), Show(larger.BytesPerNode, "n0")],
        ];
        return new Figures(
            string.Create(CultureInfo.InvariantCulture, $"{nodes:n0} nodes, b = 4, {lookups:n0} lookups each"),
            columns,
            rows,
            Draw(nodes, lookups, asInPaper, larger),
            [
                ("nodes", nodes),
                ("mean_hops", Math.Round(asInPaper.MeanHops, 4)),
                ("wrong_deliveries", asInPaper.Wrong),
                ("join_seconds", Math.Round(asInPaper.JoinSeconds, 2)),
                ("lookups_per_second", Math.Round(asInPaper.LookupsPerSecond)),
                ("bytes_per_node", asInPaper.BytesPerNode),
                ("lookups", asInPaper.Arrived),
            ]);
    }

    private static Chart Draw(int nodes, int lookups, Measured asInPaper, Measured larger)
    {
        int[] hops = [.. Enumerable.Range(0, 8).Where(count => count <= 4 || asInPaper.Share(count) > 0 || larger.Share(count) > 0)];
        List<(string, IReadOnlyList<double>)> shares =
        [
            ("ours, l = 16", [.. hops.Select(asInPaper.Share)]),
            ("ours, l = 32", [.. hops.Select(larger.Share)]),
        ];
        if (nodes == 100_000)
        {
            shares.Add(("paper, l = 16", [.. hops.Select(count => PaperDistributionAt100000.ElementAtOrDefault(count))]));
        }

        int[] sizes = [.. PaperHops.Keys.Append(nodes).Distinct().Order()];
        return new Chart(
            "Hops of a message",
            string.Create(CultureInfo.InvariantCulture, $"{nodes:n0} nodes that joined by the protocol, b = 4, {lookups:n0} lookups for each leaf-set size l"),
            "Paper: Rowstron and Druschel, Middleware 2001, figures 4 and 5.",
            new BarPanel("hops", string.Create(CultureInfo.InvariantCulture, $"fraction of messages, at {nodes:n0} nodes"), [.. hops.Select(count => $"{count}")], shares),
            new LinePanel(
                "nodes N (logarithmic)",
                "hops, mean",
                true,
                ("ours, l = 16", Mark.Points, [(nodes, asInPaper.MeanHops)]),
                ("ours, l = 32", Mark.Points, [(nodes, larger.MeanHops)]),
                ("paper, l = 16", Mark.Points, [.. PaperHops.Select(pair => ((double)pair.Key, pair.Value))]),
                ("log₁₆ N", Mark.Dashes, [.. sizes.Select(size => ((double)size, Math.Log(size, 16)))])));
    }

    private static Measured Measure(int nodes, int lookups, int leafSetSize, ulong seed)
    {
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var simulation = new PastrySimulation(new() { Seed = seed, Pastry = new PastryOptions { LeafSetSize = leafSetSize } });
        var watch = Stopwatch.StartNew();
        if (!simulation.Grow(nodes, applications: LookupExperiment.NewApplications))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {seed}).");
        }

        var joined = watch.Elapsed;
        var control = simulation.Nodes.Sum(node => node.ControlMessagesSent);
        var virtualTime = simulation.Now;
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / nodes;
        var experiment = new LookupExperiment(simulation);
        watch.Restart();
        experiment.Run(lookups, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
        var share = new double[65];
        for (var hops = 0; hops < share.Length; hops++)
        {
            share[hops] = (double)experiment.HopDistribution[hops] / Math.Max(1, experiment.Arrived);
        }

        return new Measured(
            experiment.MeanHops, share, experiment.Arrived, experiment.Wrong, joined.TotalSeconds, virtualTime.SinceStart.TotalSeconds,
            (double)control / nodes, lookups / watch.Elapsed.TotalSeconds, bytes);
    }

    private static IEnumerable<string[]> Distribution(int nodes, Measured asInPaper, Measured larger)
    {
        for (var hops = 0; hops <= 7; hops++)
        {
            var paper = nodes == 100_000 && hops < PaperDistributionAt100000.Length ? PaperDistributionAt100000[hops] : double.NaN;
            yield return [$"of them {hops}", Show(paper, "f4"), Show(asInPaper.Share(hops), "f4"), Show(larger.Share(hops), "f4")];
        }
    }

    private static string Show(double value, string format) => double.IsNaN(value) ? "-" : value.ToString(format, CultureInfo.InvariantCulture);

    private sealed record Measured(
        double MeanHops,
        double[] Shares,
        long Arrived,
        long Wrong,
        double JoinSeconds,
        double VirtualSeconds,
        double ControlPerNode,
        double LookupsPerSecond,
        long BytesPerNode)
    {
        public double Share(int hops) => Shares[hops];
    }
}
