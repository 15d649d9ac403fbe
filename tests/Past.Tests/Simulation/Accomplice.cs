using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>Is a node of an attacker who takes part in a simulated ring, and says there what a test has it say.</summary>
internal sealed class Accomplice
{
    private readonly PastWorld _world;
    private readonly P2P.Pastry.Simulation.SimulatedNode _node;

    public Accomplice(PastWorld world)
    {
        _world = world;
        _node = world.AddImpostor(Impostor);
        _node.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([_node], TimeSpan.FromMinutes(1)));
    }

    public Impostor Impostor { get; } = new();

    public NodeHandle Node => _node.Handle;

    public void Say(TimeSpan wait, params IEnumerable<(NodeHandle To, PastMessage Message)> words)
    {
        _node.Post(Impostor, (IOverlay overlay) =>
        {
            foreach (var (to, message) in words)
            {
                overlay.Send(to, Payload.FromContent(message));
            }
        });
        _world.Simulation.Run(wait);
    }
}
