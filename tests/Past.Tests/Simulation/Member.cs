using P2P.Past;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Is one life of a simulated node with PAST, and its user.</summary>
internal sealed class Member(PastrySimulation simulation, SimulatedNode node, PastStore past, MemoryReplicaStore disk, SlowDisk slowDisk, MemoryReplicaStore copies)
{
    public SimulatedNode Node => node;

    /// <summary>What the node holds.</summary>
    public MemoryReplicaStore Store => disk;

    /// <summary>What the node has cached.</summary>
    public MemoryReplicaStore Copies => copies;

    public CacheStatistics Cache => past.Cache!.Value;

    /// <summary>How often replicas were read.</summary>
    public int ReadCount => slowDisk.ReadCount;

    /// <summary>Tells whether this life of the node goes on.</summary>
    public bool IsAlive => node.IsUp && node.Modules.Contains(past);

    /// <summary>Inserts a file, in the world's next event.</summary>
    public SimulatedInsert Insert(SimulatedFile file)
    {
        var insert = new SimulatedInsert(file, simulation);
        simulation.Schedule(TimeSpan.Zero, () => _ = insert.RunAsync(past));
        return insert;
    }

    /// <summary>Takes a file back, in the world's next event.</summary>
    public SimulatedReclaim Reclaim(SimulatedFile file)
    {
        var reclaim = new SimulatedReclaim(file);
        simulation.Schedule(TimeSpan.Zero, () => _ = reclaim.RunAsync(past));
        return reclaim;
    }

    /// <summary>Lets the node leave for good, from the world's next event on.</summary>
    public SimulatedRetirement Retire()
    {
        var retirement = new SimulatedRetirement();
        simulation.Schedule(TimeSpan.Zero, () => _ = retirement.RunAsync(past));
        return retirement;
    }

    /// <summary>Looks a file up and reads it, in the world's next event.</summary>
    public SimulatedLookup Lookup(FileId file)
    {
        var lookup = new SimulatedLookup(file);
        simulation.Schedule(TimeSpan.Zero, () => _ = lookup.RunAsync(past));
        return lookup;
    }
}
