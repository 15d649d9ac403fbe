using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PaperFigures.Experiments.Churn;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>
/// MSPastry (2004), §5: nodes crash when their session is over and others join in their place, while lookups go on. Sessions are drawn from
/// an exponential or a Weibull distribution, or like those of a measured set.
/// </summary>
internal sealed class PastryChurn : IExperiment
{
    /// <summary>The sessions of the curve, in seconds, and how many lookups it makes for each of those of the main run.</summary>
    private static readonly double[] CurveSessions = [300, 600, 1200, 2400, 4800];

    private const int CurveShare = 10;

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes are up at a time.", DefaultValueFactory = _ => 1_000 };
    private readonly NumberOption _session = new("--session", "The mean session, in seconds.", 8_280);
    private readonly NumberOption _shape = new("--shape", "The Weibull shape of sessions: 1 is exponential, less has many short and a few very long ones.", 1);
    private readonly Option<string> _trace = new("--trace")
    {
        Description = "A measured set to shape sessions and the number of nodes after, instead: gnutella, overnet or corporate.",
    };

    private readonly NumberOption _loss = new("--loss", "The fraction of packets lost.", 0);
    private readonly NumberOption _leaving = new("--leaving", "The fraction of sessions that end with a farewell instead of a crash.", 0);
    private readonly NumberOption _returning = new("--returning", "The fraction of newcomers that have been there before, and come back with their id.", 0);
    private readonly Option<int> _lookups = new("--lookups") { Description = "How many lookups in all, 0.01 a node a second.", DefaultValueFactory = _ => 1_000_000 };
    private readonly NumberOption _warmUp = new("--warm-up", "How long nodes come and go before anything is counted, in minutes.", 60);
    private readonly Option<bool> _curve = new("--curve") { Description = "Measure sessions of 5, 10, 20, 40 and 80 minutes as well, with a tenth of the lookups each." };

    public PastryChurn()
    {
        _trace.AcceptOnlyFromAmong([.. SessionTrace.Measured.Select(trace => trace.Name)]);
    }

    public string Name => "pastry-churn";

    public string Description => "Lookups lost and delivered wrongly, and messages a node, while nodes come and go.";

    public IReadOnlyList<Option> Options => [_nodes, _session, _shape, _trace, _loss, _leaving, _returning, _lookups, _warmUp, _curve];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var watch = Stopwatch.StartNew();
        var shape = arguments.GetValue(_shape);
        var trace = SessionTrace.Measured.FirstOrDefault(trace => trace.Name == arguments.GetValue(_trace))
            ?? new SessionTrace("", arguments.GetValue(_session), shape, DailyWave: 0);
        var lookups = arguments.GetValue(_lookups);
        var run = Measure(arguments, seed, trace, lookups);
        var curve = new List<(double Minutes, ChurnRun Run)>();
        if (arguments.GetValue(_curve))
        {
            curve.AddRange(CurveSessions.Select(session => (session / 60, Measure(arguments, seed, new SessionTrace("", session, shape, DailyWave: 0), lookups / CurveShare))));
            curve.Add((trace.MeanSession / 60, run));
        }

        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{arguments.GetValue(_nodes):n0} nodes, {(trace.Name.Length > 0 ? $"sessions as in the {trace.Name} set, " : "sessions of ")}{trace.MeanSession:n0} s on average, {arguments.GetValue(_loss):p0} of packets lost, {run.Lookups:n0} lookups over {run.Seconds / 3600:f1} virtual hours");
        return new Figures(
            title,
            ["", "MSPastry, Gnutella trace", "FreePastry 2.1, 1,000 nodes, 2.3 h", "ours", .. curve.SkipLast(1).Select(point => $"{point.Minutes:f0} min")],
            [.. Rows(run, watch.Elapsed).Select((row, index) => (string[])[.. row, .. curve.SkipLast(1).Select(point => Rows(point.Run, wall: null)[index][^1])])],
            curve.Count > 0 ? DrawCurve(title, curve) : Draw(title, run),
            [
                ("lookups", run.Lookups),
                ("lost", run.Lost),
                ("wrong", run.Wrong),
                ("control_per_node_second", Math.Round(run.Control, 4)),
                ("stretch", Math.Round(run.Prompt.Stretch, 4)),
                ("stretch_median", Math.Round(run.Prompt.MedianStretch, 4)),
                ("stretch_exclusive", Math.Round(run.Exclusive.Stretch, 4)),
                ("lost_bound_95", Bound(run.LostCount, run.Lookups)),
                ("wrong_bound_95", Bound(run.WrongCount, run.Lookups)),
                ("crashes", run.Ended),
            ]);
    }

    private ChurnRun Measure(ParseResult arguments, ulong seed, SessionTrace trace, int lookups) => ChurnRun.Measure(
        seed,
        arguments.GetValue(_nodes),
        trace,
        arguments.GetValue(_loss),
        arguments.GetValue(_leaving),
        arguments.GetValue(_returning),
        TimeSpan.FromMinutes(arguments.GetValue(_warmUp)),
        lookups);

    private static string[][] Rows(ChurnRun run, TimeSpan? wall) =>
    [
        ["Lookups lost", "1.5e-5", "0.0022", Rate(run.Lost)],
        ["of them at most, with 95%", "-", "-", Rate(Bound(run.LostCount, run.Lookups))],
        ["Delivered at a wrong node", "0", "0.0001", Rate(run.Wrong)],
        ["of them at most, with 95%", "-", "-", Rate(Bound(run.WrongCount, run.Lookups))],
        ["Delivered twice", "-", "-", Rate(run.Doubled)],
        ["Control messages, a node a second", "0.245", "0.40", Show(run.Control)],
        ["Stretch, prompt lookups", "1.8", "1.54", Show(run.Prompt.Stretch)],
        ["its median", "-", "-", Show(run.Prompt.MedianStretch)],
        ["Stretch, one node at most", "-", "-", Show(run.Exclusive.Stretch)],
        ["its median", "-", "-", Show(run.Exclusive.MedianStretch)],
        ["Hops, mean", "-", "-", Show(run.Prompt.MeanHops)],
        ["Sessions that ended", "-", "-", run.Ended.ToString("n0", CultureInfo.InvariantCulture)],
        ["Wall time, s", "-", "-", wall is { } time ? time.TotalSeconds.ToString("f0", CultureInfo.InvariantCulture) : "-"],
    ];

    private static Chart Draw(string subtitle, ChurnRun run) => new(
        "Nodes come and go",
        subtitle,
        "MSPastry (2004): Gnutella trace. FreePastry 2.1: 1,000 nodes, 2.3 h. At most: with 95% confidence. One at most: waits for the leases of crashed nodes.",
        new BarPanel(
            "", "lookups lost, fraction", ["MSPastry", "FreePastry", "ours", "ours,\nat most"],
            ("lookups lost", [1.5e-5, 0.0022, run.Lost, Bound(run.LostCount, run.Lookups)])),
        new BarPanel("", "control messages a node and second", ["MSPastry", "FreePastry", "ours"], ("control messages", [0.245, 0.40, run.Control])),
        new BarPanel(
            "", "stretch: delay over that of the direct way", ["MSPastry", "FreePastry", "ours,\nprompt", "ours, one\nat most"],
            ("stretch", [1.8, 1.54, run.Prompt.Stretch, run.Exclusive.Stretch])));

    private static Chart DrawCurve(string subtitle, IReadOnlyList<(double Minutes, ChurnRun Run)> curve)
    {
        return new Chart(
            "Nodes come and go, faster and faster",
            subtitle,
            "Lookups are repeated end to end. One at most: waits for the leases of crashed nodes.",
            new LinePanel(
                "mean session, minutes", "lookups, fraction", true,
                ("lost", Mark.Points, Points(run => run.Lost)), ("delivered at a wrong node", Mark.Points, Points(run => run.Wrong))),
            new LinePanel("mean session, minutes", "control messages a node and second", true, ("control messages", Mark.Points, Points(run => run.Control))),
            new LinePanel(
                "mean session, minutes", "stretch: delay over that of the direct way", true,
                ("prompt", Mark.Points, Points(run => run.Prompt.Stretch)),
                ("prompt, median", Mark.Points, Points(run => run.Prompt.MedianStretch)),
                ("one node at most, median", Mark.Points, Points(run => run.Exclusive.MedianStretch))));

        (double, double)[] Points(Func<ChurnRun, double> figure) => [.. curve.OrderBy(point => point.Minutes).Select(point => (point.Minutes, figure(point.Run)))];
    }

    /// <summary>The rate that the true one does not exceed, with a confidence of 95%: of none among n it is 3/n.</summary>
    private static double Bound(long count, long trials) => (count + 1.645 * Math.Sqrt(count + 0.68) + 1.65) / trials;

    private static string Rate(double value) => value == 0 ? "0" : value.ToString("0.0e-0", CultureInfo.InvariantCulture);

    private static string Show(double value) => value.ToString("f3", CultureInfo.InvariantCulture);
}
