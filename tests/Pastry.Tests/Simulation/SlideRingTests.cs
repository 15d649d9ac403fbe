using P2P.Pastry;
using P2P.Pastry.Simulation;
using PastryApplicationId = P2P.Pastry.PastryApplicationId;

namespace Pastry.Tests.Simulation;

/// <summary>The slides' small ring: |L| = 2, |M| = 2, identifiers in base 4.</summary>
public class SlideRingTests
{
    private static readonly PastryOptions Options = new() { LeafSetSize = 2, NeighborhoodSize = 2, BitsPerDigit = 2 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Messages_come_nearer_with_every_hop_until_they_reach_the_closest_node(ulong seed)
    {
        var paths = new Dictionary<NodeId, List<NodeId>>();
        var simulation = new PastrySimulation(new PastrySimulationOptions { Seed = seed, Pastry = Options });
        Assert.True(simulation.Grow(16, applications: () => [new PathWitness(paths)]), $"seed {seed}: not all ready");
        simulation.Run(TimeSpan.FromMinutes(2));
        var oracle = new RingOracle(simulation);
        Assert.Empty(oracle.CheckLeafSets(simulation, leafSetSize: 2));
        Assert.All(simulation.Nodes, node => Assert.InRange(node.Machine.Neighborhood.Members.Length, 0, 2));

        for (var i = 0; i < 200; i++)
        {
            var source = simulation.Nodes[simulation.NextRandom(16)];
            source.Route(source.Applications[0], simulation.NextId());
        }

        simulation.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(200, paths.Count);
        foreach (var (key, path) in paths)
        {
            Assert.Equal(oracle.Root(key).Id, path[^1]);
            foreach (var (here, next) in path.Zip(path.Skip(1)))
            {
                var (sharedHere, sharedNext) = (here.SharedDigits(key, 2), next.SharedDigits(key, 2));
                Assert.True(sharedNext > sharedHere || next.IsCloserTo(key, here), $"seed {seed}: {here} sent {key} to {next}");
            }
        }
    }

    private sealed class PathWitness(Dictionary<NodeId, List<NodeId>> paths) : PastryApplication(PastryApplicationId.FromName("tests/path"))
    {
        protected internal override bool Forward(ref ForwardedMessage message, IOverlay overlay)
        {
            if (!paths.TryGetValue(message.Key, out var path))
            {
                paths.Add(message.Key, path = []);
            }

            path.Add(overlay.Self.Id);
            return true;
        }

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }
    }
}
