// snippet: simulate-ring
using P2P.Pastry.Simulation;
// end of snippet

namespace Architecture.Tests.Snippets;

public sealed class SimulateRing
{
    [Fact]
    public void A_thousand_nodes_find_the_closest_for_each_key()
    {
        // snippet: simulate-ring
        var simulation = new PastrySimulation(new() { Seed = 42 });
        simulation.Grow(1000, applications: LookupExperiment.NewApplications);
        var lookups = new LookupExperiment(simulation);
        lookups.Run(10_000, over: TimeSpan.FromMinutes(1), grace: TimeSpan.FromSeconds(30));
        Console.WriteLine($"{lookups.Arrived} arrived, {lookups.Wrong} at the wrong node, after {lookups.MeanHops:f2} hops.");
        // end of snippet
        Assert.Equal((10_000, 0), (lookups.Arrived, lookups.Wrong));
    }
}
