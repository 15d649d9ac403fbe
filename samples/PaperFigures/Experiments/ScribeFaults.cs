using System.CommandLine;
using System.Globalization;
using P2P.Scribe.Simulation;
using PaperFigures.Experiments.Groups;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>SCRIBE (2001), §3.3 to §3.5: what members miss when nodes of a group's tree crash, or do not forward, while messages flow.</summary>
internal sealed class ScribeFaults : IExperiment
{
    private static readonly FaultRun.Scene[] Scenes =
    [
        new("10% of nodes crash", "10% crash", FaultRun.Who.Nodes, 0.1),
        new("25% of nodes crash", "25% crash", FaultRun.Who.Nodes, 0.25),
        new("the root crashes", "root crashes", FaultRun.Who.Root, 1),
        new("10% of forwarders drop batches", "10% drop", FaultRun.Who.Forwarders, 0.1, Misbehavior.DropsBatches),
        new("10% of forwarders drop batches and digests", "10% drop, hide it", FaultRun.Who.Forwarders, 0.1, Misbehavior.DropsBatchesAndDigests),
    ];

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes there are; all are members of the group.", DefaultValueFactory = _ => 1_000 };
    private readonly NumberOption _rate = new("--rate", "Messages a second, of 20 authors in turn.", 20);
    private readonly NumberOption _timeout = new("--failure-timeout", "How long a parent may be silent, in seconds.", 2);
    private readonly NumberOption _seconds = new("--seconds", "How long messages flow after the fault, in virtual seconds.", 30);

    public string Name => "scribe-faults";

    public string Description => "Messages that members miss, and how soon trees are repaired, when nodes crash or drop what they should forward.";

    public IReadOnlyList<Option> Options => [_nodes, _rate, _timeout, _seconds];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var setup = new FaultRun.Setup(
            seed, arguments.GetValue(_nodes), arguments.GetValue(_rate), TimeSpan.FromSeconds(arguments.GetValue(_timeout)), TimeSpan.FromSeconds(arguments.GetValue(_seconds)));
        FaultRun.Outcome[] outcomes = [.. Scenes.Select(scene => FaultRun.Measure(setup, scene))];
        var title = string.Create(
            CultureInfo.InvariantCulture,
            $"{setup.Nodes:n0} nodes, all members of one group, {setup.MessagesPerSecond:g} messages a second, failure time-out {setup.FailureTimeout.TotalSeconds:g} s");
        return new Figures(
            title,
            ["", "nodes struck", "acknowledged", "missed before replay", "missed", "out of order", "members held up", "repair, median, s", "p99, s", "longest, s"],
            [.. outcomes.Select(Row)],
            Draw(title, outcomes),
            [
                ("missed_before_replay", outcomes.Max(outcome => outcome.MissedBeforeReplay)),
                ("missed", outcomes.Max(outcome => outcome.Missed)),
                ("out_of_order", outcomes.Max(outcome => outcome.OutOfOrder)),
                ("repair_p99_ms", Math.Round(1000 * outcomes.Max(outcome => outcome.RepairPercentile(0.99)))),
            ]);
    }

    private static IReadOnlyList<string> Row(FaultRun.Outcome outcome) =>
    [
        outcome.Scene.Name,
        Count(outcome.Struck),
        Count(outcome.Acknowledged),
        Count(outcome.MissedBeforeReplay),
        Count(outcome.Missed),
        Count(outcome.OutOfOrder),
        Count(outcome.RepairSeconds.Count),
        Seconds(outcome.RepairPercentile(0.5)),
        Seconds(outcome.RepairPercentile(0.99)),
        Seconds(outcome.RepairPercentile(1)),
    ];

    private static Chart Draw(string subtitle, IReadOnlyList<FaultRun.Outcome> outcomes) => DrawThese(
        subtitle, [.. outcomes.Where(outcome => outcome.Scene.Misbehavior != Misbehavior.DropsBatches)]);

    private static Chart DrawThese(string subtitle, IReadOnlyList<FaultRun.Outcome> outcomes) => new(
        "A group whose tree is struck",
        subtitle,
        "In time: within 1 s of being published. Caught up: once a member has got the last message that was late.",
        new LinePanel(
            "seconds from the fault until published",
            "fraction of members that got a message in time",
            false,
            [.. outcomes.Select(outcome => (outcome.Scene.Label, Mark.Steps, (IReadOnlyList<(double, double)>)[.. outcome.InTime.Where(moment => moment.Second is >= 0 and < 10)]))]),
        new LinePanel(
            "seconds from the fault",
            "fraction of members held up that have caught up",
            false,
            [.. outcomes.Select(outcome => (outcome.Scene.Label, Mark.Steps, Distribution(outcome)))]));

    private static IReadOnlyList<(double X, double Y)> Distribution(FaultRun.Outcome outcome) =>
        [(0, 0), .. Enumerable.Range(1, 100).Select(percent => (outcome.RepairPercentile(percent / 100.0), percent / 100.0))];

    private static string Count(long count) => count.ToString("n0", CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => seconds.ToString("f2", CultureInfo.InvariantCulture);
}
