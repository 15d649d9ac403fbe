using P2P.Past;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Is one life of a simulated node with PAST, and its user.</summary>
internal sealed class Member(PastrySimulation simulation, SimulatedNode node, PastStore past, MemoryReplicaStore disk)
{
    public SimulatedNode Node => node;

    /// <summary>What the node holds.</summary>
    public MemoryReplicaStore Store => disk;

    /// <summary>Tells whether this life of the node goes on.</summary>
    public bool IsAlive => node.IsUp && node.Modules.Contains(past);

    /// <summary>Inserts a file, in the world's next event.</summary>
    public SimulatedInsert Insert(SimulatedFile file)
    {
        var insert = new SimulatedInsert(file, simulation);
        simulation.Schedule(TimeSpan.Zero, () => _ = insert.RunAsync(past));
        return insert;
    }

    /// <summary>Looks a file up and reads it, in the world's next event.</summary>
    public SimulatedLookup Lookup(FileId file)
    {
        var lookup = new SimulatedLookup(file);
        simulation.Schedule(TimeSpan.Zero, () => _ = lookup.RunAsync(past));
        return lookup;
    }
}
