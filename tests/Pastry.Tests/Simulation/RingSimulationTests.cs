using P2P.Pastry.Simulation;

namespace Pastry.Tests.Simulation;

public class RingSimulationTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 10)]
    [InlineData(4, 33)]
    [InlineData(5, 34)]
    [InlineData(6, 100)]
    public void Ring_of_any_size_forms_and_routes(ulong seed, int nodes)
    {
        var simulation = new PastrySimulation(new PastrySimulationOptions { Seed = seed });
        Assert.True(simulation.Grow(nodes, applications: LookupExperiment.NewApplications), $"seed {seed}: not all ready");
        simulation.Run(TimeSpan.FromMinutes(2));
        Assert.Empty(new RingOracle(simulation).CheckLeafSets(simulation, simulation.Options.LeafSetSize));

        var lookups = new LookupExperiment(simulation);
        lookups.Run(1000, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Equal((1000, 0), (lookups.Arrived, lookups.Wrong));
    }
}
