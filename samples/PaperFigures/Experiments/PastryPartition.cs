using System.CommandLine;
using System.Globalization;
using P2P.Pastry.Simulation;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>Cuts a ring in two for a while, and measures how long the halves need to be one ring again.</summary>
internal sealed class PastryPartition : IExperiment
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes there are.", DefaultValueFactory = _ => 1_000 };
    private readonly Option<int> _minutes = new("--minutes") { Description = "How long the cut lasts, in minutes.", DefaultValueFactory = _ => 10 };

    public string Name => "pastry-partition";

    public string Description => "A ring cut in two halves, and how long they need to be one ring again.";

    public IReadOnlyList<Option> Options => [_nodes, _minutes];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var nodes = arguments.GetValue(_nodes);
        var simulation = new PastrySimulation(new() { Seed = seed });
        if (!simulation.Grow(nodes, applications: LookupExperiment.NewApplications))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {seed}).");
        }

        var times = new List<string>();
        var missing = new List<double>();
        using (simulation.Network.Partition(host => host % 2 == 0))
        {
            simulation.Run(TimeSpan.FromMinutes(arguments.GetValue(_minutes)));
        }

        var healed = simulation.Now;
        var isOne = false;
        while (!isOne && simulation.Now - healed < Limit)
        {
            var wrong = new RingOracle(simulation).CheckLeafSets(simulation, simulation.Options.LeafSetSize).Count;
            isOne = wrong == 0 && simulation.Nodes.All(node => node.IsReady);
            times.Add(((simulation.Now - healed).TotalSeconds).ToString("f0", CultureInfo.InvariantCulture));
            missing.Add((double)wrong / nodes);
            simulation.Run(Step);
        }

        var seconds = (simulation.Now - healed - Step).TotalSeconds;
        var lookups = new LookupExperiment(simulation);
        lookups.Run(10 * nodes, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60));
        return new Figures(
            string.Create(CultureInfo.InvariantCulture, $"{nodes:n0} nodes in two halves for {arguments.GetValue(_minutes)} minutes"),
            ["", "ours"],
            [
                ["One ring again", isOne ? "yes" : "NO"],
                ["after, s", seconds.ToString("f0", CultureInfo.InvariantCulture)],
                ["Lookups afterwards", lookups.Started.ToString("n0", CultureInfo.InvariantCulture)],
                ["of them wrong", lookups.Wrong.ToString("n0", CultureInfo.InvariantCulture)],
                ["of them lost", (lookups.Started - lookups.Arrived).ToString("n0", CultureInfo.InvariantCulture)],
            ],
            new BarChart("Leaf sets that are not yet as they should be", "seconds since the cut ended", "fraction of nodes", times, [("wrong leaf sets", missing)]),
            [
                ("one_ring", isOne),
                ("heal_seconds", seconds),
                ("nodes", nodes),
                ("lookups", lookups.Started),
                ("wrong", lookups.Wrong),
            ]);
    }
}
