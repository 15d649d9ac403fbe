using System.CommandLine;
using System.Globalization;
using P2P.Pastry.Simulation;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>Cuts a ring in two for a while, and measures how long the halves need to be one ring again.</summary>
internal sealed class PastryPartition : IExperiment
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes there are.", DefaultValueFactory = _ => 1_000 };
    private readonly Option<int> _minutes = new("--minutes") { Description = "How long the cut lasts, in minutes.", DefaultValueFactory = _ => 10 };

    public string Name => "pastry-partition";

    public string Description => "A ring cut in two halves, and how long they need to be one ring again.";

    public IReadOnlyList<Option> Options => [_nodes, _minutes];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var (nodes, minutes) = (arguments.GetValue(_nodes), arguments.GetValue(_minutes));
        var simulation = new PastrySimulation(new() { Seed = seed });
        if (!simulation.Grow(nodes, applications: LookupExperiment.NewApplications))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {seed}).");
        }

        using (simulation.Network.Partition(host => host % 2 == 0))
        {
            simulation.Run(TimeSpan.FromMinutes(minutes));
        }

        var healing = Heal(simulation);
        var (isOne, seconds) = (healing[^1] is { WrongLeafSets: 0, NotReady: 0 }, healing[^1].Seconds);
        var lookups = new LookupExperiment(simulation);
        lookups.Run(10 * nodes, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
        var title = string.Create(CultureInfo.InvariantCulture, $"{nodes:n0} nodes in two halves for {minutes} minutes");
        return new Figures(
            title,
            ["", "ours"],
            [
                ["One ring again", isOne ? "yes" : "NO"],
                ["after, s", seconds.ToString("f1", CultureInfo.InvariantCulture)],
                ["Lookups afterwards", lookups.Started.ToString("n0", CultureInfo.InvariantCulture)],
                ["of them wrong", lookups.Wrong.ToString("n0", CultureInfo.InvariantCulture)],
                ["of them lost", (lookups.Started - lookups.Arrived).ToString("n0", CultureInfo.InvariantCulture)],
            ],
            new Chart(
                "Two halves become one ring again",
                title,
                "Leaf sets are compared with those of the one ring, every 0.1 s, after 10 s every second.",
                new LinePanel(
                    "seconds since the cut ended",
                    "fraction of nodes",
                    false,
                    ("leaf set not yet that of one ring", Mark.Steps, [.. healing.Select(moment => (moment.Seconds, moment.WrongLeafSets))]),
                    ("not ready to deliver", Mark.Steps, [.. healing.Select(moment => (moment.Seconds, moment.NotReady))]))),
            [
                ("one_ring", isOne),
                ("heal_seconds", Math.Round(seconds, 1)),
                ("nodes", nodes),
                ("lookups", lookups.Started),
                ("wrong", lookups.Wrong),
            ]);
    }

    /// <summary>Lets the world run until there is one ring, and looks on: often at first, while most happens.</summary>
    private static List<Moment> Heal(PastrySimulation simulation)
    {
        var (begin, nodes) = (simulation.Now, (double)simulation.Nodes.Count);
        var moments = new List<Moment>();
        while (true)
        {
            var since = simulation.Now - begin;
            var wrong = new RingOracle(simulation).CheckLeafSets(simulation, simulation.Options.LeafSetSize).Count;
            var notReady = simulation.Nodes.Count(node => !node.IsReady);
            moments.Add(new Moment(since.TotalSeconds, wrong / nodes, notReady / nodes));
            if ((wrong == 0 && notReady == 0) || since >= Limit)
            {
                return moments;
            }

            simulation.Run(TimeSpan.FromSeconds(since < TimeSpan.FromSeconds(10) ? 0.1 : 1));
        }
    }

    private readonly record struct Moment(double Seconds, double WrongLeafSets, double NotReady);
}
