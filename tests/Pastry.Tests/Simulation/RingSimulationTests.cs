using P2P.Pastry.Simulation;

namespace Pastry.Tests.Simulation;

public class RingSimulationTests(Xunit.Abstractions.ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 10)]
    [InlineData(4, 40)]
    [InlineData(5, 100)]
    [InlineData(6, 1000)]
    public void Ring_forms(ulong seed, int nodes)
    {
        var simulation = new PastrySimulation(new PastrySimulationOptions { Seed = seed });
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.True(simulation.Grow(nodes, applications: LookupExperiment.NewApplications), $"seed {seed}: not all ready");
        output.WriteLine($"{nodes} ready at {simulation.Now} after {simulation.EventCount} events, {watch.ElapsedMilliseconds} ms; control {simulation.Nodes.Sum(n => n.ControlMessagesSent) / nodes}");
        simulation.Run(TimeSpan.FromMinutes(2));
        Assert.Empty(new RingOracle(simulation).CheckLeafSets(simulation, 32));
        var lookups = new LookupExperiment(simulation);
        watch.Restart();
        lookups.Run(10000, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1));
        output.WriteLine($"arrived {lookups.Arrived} wrong {lookups.Wrong} hops {lookups.MeanHops:f3} (log16 N = {Math.Log(nodes, 16):f3}) {watch.ElapsedMilliseconds} ms");
        Assert.Equal(10000, lookups.Arrived);
        Assert.Equal(0, lookups.Wrong);
    }
}
