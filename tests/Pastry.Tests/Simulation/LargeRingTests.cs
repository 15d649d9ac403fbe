using P2P.Pastry.Simulation;
using Xunit.Abstractions;

namespace Pastry.Tests.Simulation;

/// <summary>Rings with the default options: joined by the protocol, many at a time, a fifth of them dead, whole again.</summary>
public class LargeRingTests(ITestOutputHelper output)
{
    private const int Lookups = 10_000;

    private static readonly bool IsLong = Environment.GetEnvironmentVariable("P2P_LONG") == "1";

    /// <summary>The codec takes most of the time: fewer nodes will do where nobody waits for more.</summary>
    private static readonly int NodesThroughCodec = IsLong ? 1000 : 250;

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    public void Ring_survives_the_death_of_a_fifth(ulong seed, bool throughCodec)
    {
        var nodes = throughCodec ? NodesThroughCodec : 1000;
        var simulation = Formed(nodes, new PastrySimulationOptions { Seed = seed, ThroughCodec = throughCodec });
        simulation.Run(TimeSpan.FromMinutes(2));
        AssertWhole(simulation);
        var hops = AssertLookups(simulation, "whole");
        Assert.True(hops <= Math.Log(nodes, 16) - 0.1, $"seed {seed}: {hops} hops");

        foreach (var node in simulation.Nodes.Where(_ => simulation.NextRandom(5) == 0).ToArray())
        {
            node.Crash();
        }

        var begin = simulation.Now;
        Assert.True(RunUntilWhole(simulation, TimeSpan.FromMinutes(3)), Describe(simulation));
        output.WriteLine($"seed {seed}: {simulation.Nodes.Count(node => !node.IsUp)} crashed, whole after {(simulation.Now - begin).TotalSeconds} s");
        AssertLookups(simulation, "mended");
    }

    [Theory]
    [InlineData(3)]
    public void Ring_forms_over_a_network_that_loses_and_reorders(ulong seed)
    {
        var simulation = new PastrySimulation(new PastrySimulationOptions { Seed = seed, ThroughCodec = true });
        simulation.Network.LossRate = 0.01;
        simulation.Network.Jitter = 0.5;
        Assert.True(simulation.Grow(NodesThroughCodec, applications: LookupExperiment.NewApplications), $"seed {seed}: not all ready");
        output.WriteLine($"seed {seed}: ready at {simulation.Now} after {simulation.EventCount} events, {simulation.Network.LostCount} messages lost");
        Assert.True(RunUntilWhole(simulation, TimeSpan.FromMinutes(5)), Describe(simulation));

        simulation.Network.LossRate = 0;
        simulation.Run(TimeSpan.FromMinutes(1));
        AssertLookups(simulation, "after loss");
    }

    [Fact]
    public void Quiet_ring_says_little()
    {
        const int Nodes = 1000;
        var simulation = Formed(Nodes, new PastrySimulationOptions { Seed = 4 });
        simulation.Run(TimeSpan.FromMinutes(5));
        var before = simulation.Nodes.Sum(node => node.ControlMessagesSent);
        simulation.Run(TimeSpan.FromMinutes(20));
        var rate = (simulation.Nodes.Sum(node => node.ControlMessagesSent) - before) / (double)Nodes / TimeSpan.FromMinutes(20).TotalSeconds;
        output.WriteLine($"seed {simulation.Seed}: {rate:f3} control messages per node and second");
        Assert.True(rate < 0.4, $"{rate} messages per node and second");
    }

    private PastrySimulation Formed(int nodes, PastrySimulationOptions options)
    {
        var simulation = new PastrySimulation(options);
        Assert.True(simulation.Grow(nodes, applications: LookupExperiment.NewApplications), $"seed {options.Seed}: not all ready");
        output.WriteLine($"seed {options.Seed}: ready at {simulation.Now} after {simulation.EventCount} events");
        return simulation;
    }

    private double AssertLookups(PastrySimulation simulation, string phase)
    {
        var lookups = new LookupExperiment(simulation);
        lookups.Run(Lookups, over: TimeSpan.FromSeconds(10), grace: TimeSpan.FromMinutes(2));
        output.WriteLine($"seed {simulation.Seed}, {phase}: {lookups.Arrived} arrived, {lookups.Wrong} wrong, {lookups.MeanHops:f3} hops");
        Assert.Equal((Lookups, 0), (lookups.Arrived, lookups.Wrong));
        return lookups.MeanHops;
    }

    private static bool RunUntilWhole(PastrySimulation simulation, TimeSpan limit)
    {
        var end = simulation.Now + limit;
        while (simulation.Now < end)
        {
            simulation.Run(TimeSpan.FromSeconds(5));
            if (simulation.Nodes.All(node => node.IsReady || !node.IsUp) && Faults(simulation).Count == 0)
            {
                return true;
            }
        }

        return false;
    }

    private static void AssertWhole(PastrySimulation simulation) => Assert.True(Faults(simulation).Count == 0, Describe(simulation));

    private static IReadOnlyList<string> Faults(PastrySimulation simulation) =>
        new RingOracle(simulation).CheckLeafSets(simulation, simulation.Options.LeafSetSize);

    private static string Describe(PastrySimulation simulation) =>
        $"seed {simulation.Seed}: {simulation.Nodes.Count(node => node.IsUp && !node.IsReady)} not ready, faults:\n{string.Join('\n', Faults(simulation).Take(10))}";
}
