using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Pastry.Tests.Simulation;

public class TraceTests
{
    [Fact]
    public void Three_nodes_form_a_ring_as_approved()
    {
        var lines = new List<string>();
        var simulation = new PastrySimulation(new PastrySimulationOptions
        {
            Topology = Topologies.Uniform(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)),
            Trace = lines.Add,
        });
        var first = simulation.AddNode(new NodeId((UInt128)0x11111111 << 96));
        var second = simulation.AddNode(new NodeId((UInt128)0x22222222 << 96));
        var third = simulation.AddNode(new NodeId((UInt128)0x33333333 << 96));

        first.StartRing();
        second.Join(first);
        Assert.True(simulation.RunUntilReady([second], TimeSpan.FromMinutes(1)));
        lines.Add(string.Empty);
        third.Join(second);
        Assert.True(simulation.RunUntilReady([first, second, third], TimeSpan.FromMinutes(1)));
        simulation.Run(TimeSpan.FromMilliseconds(50));

        Approve.Text(string.Join('\n', lines));
    }
}
