using System.CommandLine;
using System.Globalization;
using P2P.Scribe;
using PaperFigures.Experiments.Groups;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>The two ways to disseminate, of the slides: through the rendezvous point, and crawling along the tree from the sender.</summary>
internal sealed class ScribeCrawl : IExperiment
{
    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes there are.", DefaultValueFactory = _ => 10_000 };
    private readonly Option<int> _members = new("--members") { Description = "How many of them are members of the group.", DefaultValueFactory = _ => 1_000 };
    private readonly Option<int> _senders = new("--senders") { Description = "How many of those send a message each.", DefaultValueFactory = _ => 200 };

    public string Name => "scribe-crawl";

    public string Description => "What the root and other nodes do for a group with many senders, through the root and crawling.";

    public IReadOnlyList<Option> Options => [_nodes, _members, _senders];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var setup = new CrawlRun.Setup(seed, arguments.GetValue(_nodes), arguments.GetValue(_members), arguments.GetValue(_senders));
        var through = CrawlRun.Measure(setup, Dissemination.ThroughRoot);
        var crawling = CrawlRun.Measure(setup, Dissemination.Crawling);
        var title = string.Create(CultureInfo.InvariantCulture, $"{setup.Nodes:n0} nodes, a group of {setup.Members:n0}, a message from each of {setup.Senders:n0}");
        return new Figures(
            title,
            ["", "through the root", "crawling"],
            [
                Row("Messages that the root sent and got", "n0", outcome => outcome.AtRoot),
                Row("the busiest node", "n0", outcome => outcome.Handled[^1]),
                Row("a node that had any, mean", "f1", outcome => outcome.Handled.Where(count => count > 0).Average()),
                Row("all nodes together", "n0", outcome => outcome.Handled.Sum()),
                Row("Delay to a member, mean, ms", "f0", outcome => outcome.Delays.Average()),
                Row("median, ms", "f0", outcome => outcome.Delay(0.5)),
                Row("95th percentile, ms", "f0", outcome => outcome.Delay(0.95)),
                Row("longest, ms", "f0", outcome => outcome.Delay(1)),
                Row("Messages that came, of those that should", "f6", outcome => (double)outcome.Delays.Count / outcome.Expected),
            ],
            Draw(title, through, crawling),
            [
                ("root_messages", through.AtRoot),
                ("root_messages_crawling", crawling.AtRoot),
                ("busiest_messages", through.Handled[^1]),
                ("busiest_messages_crawling", crawling.Handled[^1]),
                ("delay_mean_ms", Math.Round(through.Delays.Average(), 1)),
                ("delay_mean_crawling_ms", Math.Round(crawling.Delays.Average(), 1)),
                ("delivered", Math.Round((double)(through.Delays.Count + crawling.Delays.Count) / (through.Expected + crawling.Expected), 6)),
            ]);

        string[] Row(string name, string format, Func<CrawlRun.Outcome, double> value) =>
            [name, value(through).ToString(format, CultureInfo.InvariantCulture), value(crawling).ToString(format, CultureInfo.InvariantCulture)];
    }

    private static Chart Draw(string subtitle, CrawlRun.Outcome through, CrawlRun.Outcome crawling) => new(
        "Through the root, and crawling",
        subtitle,
        "Messages with content: to and from the root, along the tree, and to the nodes that keep the root's state.",
        new BarPanel(
            "who",
            "messages sent and got",
            ["the root", "the busiest\nnode"],
            ("through the root", [through.AtRoot, through.Handled[^1]]),
            ("crawling", [crawling.AtRoot, crawling.Handled[^1]])),
        new LinePanel(
            "delay, ms",
            "fraction of deliveries",
            false,
            ("through the root", Mark.Steps, Distribution(through)),
            ("crawling", Mark.Steps, Distribution(crawling))));

    private static IReadOnlyList<(double X, double Y)> Distribution(CrawlRun.Outcome outcome) =>
        [(0, 0), .. Enumerable.Range(1, 100).Select(percent => (outcome.Delay(percent / 100.0), percent / 100.0))];
}
