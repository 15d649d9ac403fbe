using System.CommandLine;
using System.Globalization;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using PaperFigures.Experiments.Locality;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>
/// Pastry (2001), §3.2: how much longer the way of a message is than the direct one, on networks of several shapes, beside the way that
/// perfect tables would give it; how good the tables are; and how near the replica is that a lookup reaches first.
/// </summary>
internal sealed class PastryLocality : IExperiment
{
    private const int Rows = 4, TablesSampled = 500, Replicas = 5;

    private static readonly TimeSpan Plane = TimeSpan.FromMilliseconds(100);

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes join.", DefaultValueFactory = _ => 10_000 };
    private readonly Option<int> _lookups = new("--lookups") { Description = "How many lookups are routed, on each network.", DefaultValueFactory = _ => 50_000 };
    private readonly Option<int> _minutes = new("--minutes") { Description = "How long the ring stands before it is measured, in minutes.", DefaultValueFactory = _ => 40 };

    public string Name => "pastry-locality";

    public string Description => "How near a message keeps to the direct way, against perfect routing tables.";

    public IReadOnlyList<Option> Options => [_nodes, _lookups, _minutes];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var (nodes, lookups, minutes) = (arguments.GetValue(_nodes), arguments.GetValue(_lookups), arguments.GetValue(_minutes));
        var plane = Measure("plane", Topologies.Plane(Plane, seed), nodes, lookups, minutes, seed);
        var sphere = Measure("sphere", Topologies.Sphere(Plane, seed), nodes, lookups, minutes, seed);
        var transitStub = Measure("transit–stub", new TransitStubTopology(seed), nodes, lookups, minutes, seed);
        var (nearestFirst, nearestTwo) = MeasureReplicas(nodes, lookups, minutes, seed);
        Measured[] all = [plane, sphere, transitStub];
        var title = string.Create(CultureInfo.InvariantCulture, $"{nodes:n0} nodes, b = 4, l = 32, {lookups:n0} lookups on each network, {minutes} minutes after the last node joined");
        return new Figures(
            title,
            ["", "paper", "FreePastry 2.1", .. all.Select(measured => measured.Network)],
            [
                ["Stretch", "1.33", "1.33–1.38", .. all.Select(measured => Show(measured.Stretch, "f3"))],
                ["with perfect tables", "-", "-", .. all.Select(measured => Show(measured.StretchOfPerfect, "f3"))],
                ["one to the other", "-", "-", .. all.Select(measured => Show(measured.Stretch / measured.StretchOfPerfect, "f3"))],
                ["Hops, mean", "-", "-", .. all.Select(measured => Show(measured.MeanHops, "f3"))],
                ["Tables looked at", "-", "-", .. all.Select(measured => Show(measured.Tables.Nodes, "n0"))],
                .. Levels(all),
                ["Nearest of 5 replicas first, b = 3, l = 8", "0.749", "-", Show(nearestFirst, "f3"), "-", "-"],
                ["one of the nearest two", "0.920", "-", Show(nearestTwo, "f3"), "-", "-"],
            ],
            Draw(title, all, nearestFirst, nearestTwo),
            [
                ("nodes", nodes),
                ("stretch", Math.Round(plane.Stretch, 4)),
                ("stretch_perfect", Math.Round(plane.StretchOfPerfect, 4)),
                ("sphere_stretch", Math.Round(sphere.Stretch, 4)),
                ("sphere_stretch_perfect", Math.Round(sphere.StretchOfPerfect, 4)),
                ("transit_stub_stretch", Math.Round(transitStub.Stretch, 4)),
                ("transit_stub_stretch_perfect", Math.Round(transitStub.StretchOfPerfect, 4)),
                ("nearest_first", Math.Round(nearestFirst, 4)),
                ("nearest_two", Math.Round(nearestTwo, 4)),
                ("lookups", lookups),
            ]);
    }

    private static Measured Measure(string network, ITopology topology, int nodes, int lookups, int minutes, ulong seed)
    {
        var simulation = new PastrySimulation(new() { Seed = seed, Topology = topology });
        var live = new LiveNodes();
        var traced = new TracedLookups(simulation, live);
        Grow(simulation, nodes, minutes, traced.NewApplications);
        foreach (var node in simulation.Nodes)
        {
            live.Add(node);
        }

        var perfect = new PerfectTables(simulation);
        var (walked, direct) = (0.0, 0.0);
        for (var i = 0; i < lookups; i++)
        {
            var from = live[simulation.NextRandom(live.Count)];
            var key = traced.Start(from);
            walked += perfect.Walk(from.Handle.Id, key, out var straight);
            direct += straight;
            simulation.Run(TimeSpan.FromMilliseconds(1));
        }

        simulation.Run(TimeSpan.FromSeconds(30));
        return new Measured(network, traced.Stretch, walked / direct, traced.MeanHops, new TableQuality(simulation, perfect, TablesSampled, Rows));
    }

    private static (double First, double Two) MeasureReplicas(int nodes, int lookups, int minutes, ulong seed)
    {
        var options = new PastryOptions { BitsPerDigit = 3, LeafSetSize = 8 };
        var simulation = new PastrySimulation(new() { Seed = seed, Topology = Topologies.Plane(Plane, seed), Pastry = options });
        var replicas = new NearestReplicas(simulation, Replicas);
        Grow(simulation, nodes, minutes, replicas.NewApplications);
        replicas.Run(lookups);
        return (replicas.NearestFirst(1), replicas.NearestFirst(2));
    }

    private static void Grow(PastrySimulation simulation, int nodes, int minutes, Func<IReadOnlyList<PastryApplication>> applications)
    {
        if (!simulation.Grow(nodes, applications: applications))
        {
            throw new InvalidOperationException($"The ring of {nodes} nodes did not form (seed {simulation.Seed}).");
        }

        simulation.Run(TimeSpan.FromMinutes(minutes));
    }

    private static IEnumerable<string[]> Levels(Measured[] all)
    {
        for (var row = 0; row < Rows; row++)
        {
            var levels = all.Select(measured => measured.Tables.Levels[row]).ToArray();
            if (levels.Any(level => level.Filled == 0))
            {
                continue;
            }

            yield return [$"Row {row}: slots filled", "-", "-", .. levels.Select(level => Show((double)level.Filled / level.Possible, "f3"))];
            yield return [$"Row {row}: with the nearest node", "-", "-", .. levels.Select(level => Show((double)level.Optimal / level.Possible, "f3"))];
            yield return [$"Row {row}: distance, over that of the nearest", "-", "-", .. levels.Select(level => Show(level.Delay / level.DelayOfPerfect, "f3"))];
        }
    }

    private static Chart Draw(string subtitle, Measured[] all, double nearestFirst, double nearestTwo)
    {
        int[] rows = [.. Enumerable.Range(0, Rows).Where(row => all.All(measured => measured.Tables.Levels[row].Filled > 0))];
        return new Chart(
            "Messages keep near to the direct way",
            subtitle,
            "Perfect tables hold the nearest node in each slot. Replicas: plane, b = 3, l = 8, k = 5. Paper: Middleware 2001.",
            new BarPanel("", "stretch: routed over direct delay", [.. all.Select(measured => measured.Network)], ("ours", [.. all.Select(measured => measured.Stretch)]), ("perfect tables", [.. all.Select(measured => measured.StretchOfPerfect)])),
            new BarPanel(
                "row of the routing table", "distance of entries, over that of the nearest", [.. rows.Select(row => $"{row}")],
                [.. all.Select(measured => (measured.Network, (IReadOnlyList<double>)[.. rows.Select(row => measured.Tables.Levels[row].Delay / measured.Tables.Levels[row].DelayOfPerfect)]))]),
            new BarPanel(
                "", "fraction of lookups", ["nearest replica\nfirst", "one of the\nnearest two"], ("ours", [nearestFirst, nearestTwo]), ("paper", [0.749, 0.92])));
    }

    private static string Show(double value, string format) => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : "-";

    private sealed record Measured(string Network, double Stretch, double StretchOfPerfect, double MeanHops, TableQuality Tables);
}
