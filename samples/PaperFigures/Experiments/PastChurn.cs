using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PaperFigures.Experiments.Durability;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>
/// PAST (2001), §3.5: replicas are made anew while nodes crash, come back with their disks, or are replaced by others with empty ones.
/// Content takes the time that lines of a given rate need.
/// </summary>
internal sealed class PastChurn : IExperiment
{
    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes are up at a time.", DefaultValueFactory = _ => 1_000 };
    private readonly Option<int> _files = new("--files") { Description = "How many files are inserted first.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> _bytes = new("--file-bytes") { Description = "How long each file is, in bytes.", DefaultValueFactory = _ => 100_000 };
    private readonly Option<int> _replicas = new("--replicas") { Description = "How many replicas each file should have: k.", DefaultValueFactory = _ => 5 };
    private readonly NumberOption _rate = new("--rate", "What each node's line carries in each direction, in Mbit/s.", 10);
    private readonly NumberOption _session = new("--session", "The mean session, in seconds.", 3_600);
    private readonly NumberOption _absence = new("--absence", "How long those stay away, on average, that come back, in seconds.", 3_600);
    private readonly NumberOption _returning = new("--returning", "The fraction of nodes that come back with their disk.", 0.5);
    private readonly NumberOption _hours = new("--hours", "How long nodes come and go, in virtual hours.", 24);

    public string Name => "past-churn";

    public string Description => "Files lost, and how long replicas are missing, while nodes come and go.";

    public IReadOnlyList<Option> Options => [_nodes, _files, _bytes, _replicas, _rate, _session, _absence, _returning, _hours];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var watch = Stopwatch.StartNew();
        var setup = new DurabilityRun.Setup(
            seed,
            arguments.GetValue(_nodes),
            arguments.GetValue(_files),
            arguments.GetValue(_bytes),
            arguments.GetValue(_replicas),
            arguments.GetValue(_rate),
            TimeSpan.FromSeconds(arguments.GetValue(_session)),
            TimeSpan.FromSeconds(arguments.GetValue(_absence)),
            arguments.GetValue(_returning),
            TimeSpan.FromHours(arguments.GetValue(_hours)));
        var run = DurabilityRun.Measure(setup);
        var (half, most) = (Percentile(run.RepairSeconds, 0.5), Percentile(run.RepairSeconds, 0.99));
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{setup.Nodes:n0} nodes, {run.Acknowledged:n0} files of {setup.FileBytes / 1e3:n0} KB, k = {setup.ReplicaCount}, {setup.MegabitsPerSecond:g} Mbit/s a node, sessions of {setup.Session.TotalSeconds:n0} s on average, {setup.Duration.TotalHours:g} virtual hours");
        return new Figures(
            title,
            ["", "ours"],
            [
                ["Files acknowledged", Count(run.Acknowledged)],
                ["of them lost", Count(run.Lost)],
                ["Sessions that ended", Count(run.Crashes)],
                ["Nodes that came back with their disk", Count(run.Returns)],
                ["Nodes up, on average", run.MeanUp.ToString("f0", CultureInfo.InvariantCulture)],
                ["Replicas a file, on average over time", run.Moments.Average(moment => moment.Replicas).ToString("f3", CultureInfo.InvariantCulture)],
                ["Times that a file had fewer than k", Count(run.RepairSeconds.Count)],
                ["until it had k again, median, s", Seconds(half)],
                ["99th percentile, s", Seconds(most)],
                ["longest, s", Seconds(run.RepairSeconds.Count > 0 ? run.RepairSeconds[^1] : 0)],
                ["Content moved by maintenance, GB", (run.RepairBytes / 1e9).ToString("f1", CultureInfo.InvariantCulture)],
                ["a node, kbit/s", (run.RepairBytes * 8 / 1e3 / run.MeanUp / setup.Duration.TotalSeconds).ToString("f1", CultureInfo.InvariantCulture)],
                ["Events, millions", (run.Events / 1e6).ToString("f1", CultureInfo.InvariantCulture)],
                ["Wall time, s", watch.Elapsed.TotalSeconds.ToString("f0", CultureInfo.InvariantCulture)],
            ],
            Draw(title, run),
            [
                ("acknowledged", run.Acknowledged),
                ("lost", run.Lost),
                ("repair_seconds_p50", Math.Round(half, 1)),
                ("repair_seconds_p99", Math.Round(most, 1)),
                ("repair_bytes", run.RepairBytes),
            ]);
    }

    private static Chart Draw(string subtitle, DurabilityRun run) => new(
        "Replicas while nodes come and go",
        subtitle,
        "Counted on nodes that are up. At full strength again: the time from the first missing replica of a file until it has k.",
        new LinePanel(
            "virtual hours", "replicas a file", false, ("replicas", Mark.Steps, [.. run.Moments.Select(moment => (moment.Hours, moment.Replicas))])),
        new LinePanel(
            "virtual hours",
            "fraction of files",
            false,
            ("with none", Mark.Steps, [.. run.Moments.Select(moment => (moment.Hours, moment.Unavailable))]),
            ("with fewer than k", Mark.Steps, [.. run.Moments.Select(moment => (moment.Hours, moment.Deficient))])),
        new LinePanel(
            "seconds until at full strength again",
            "fraction of files that fell below k",
            false,
            ("within", Mark.Steps, [(0, 0), .. Enumerable.Range(1, 100).Select(percent => (Percentile(run.RepairSeconds, percent / 100.0), percent / 100.0))])));

    private static double Percentile(IReadOnlyList<double> sorted, double fraction) =>
        sorted.Count == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(fraction * sorted.Count) - 1, 0, sorted.Count - 1)];

    private static string Count(long count) => count.ToString("n0", CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => seconds.ToString("f1", CultureInfo.InvariantCulture);
}
