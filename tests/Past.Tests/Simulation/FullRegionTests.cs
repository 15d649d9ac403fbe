using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>A part of the ring that is full: replicas that must be made there find room beyond it (PAST §3.5), or wait for some.</summary>
public class FullRegionTests
{
    private const int Nodes = 60;
    private const int Replicas = 3;
    private const int Length = 10_000;
    private const long Roomy = 1_000_000;
    private const long Full = 100;

    /// <summary>All whom a node next to the file has in its leaf set, and their nearest.</summary>
    private const int Region = 28;

    private static readonly PastOptions Options = new() { MaintenanceInterval = TimeSpan.FromMinutes(1) };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_replica_for_which_no_neighbour_has_room_is_made_beyond_them(ulong seed)
    {
        var (archive, file, ring) = FormedAroundFull(seed, roomyBeyond: Region);
        ring[0].Crash();
        Assert.True(
            archive.Overlay.RunUntil(() => archive.HoldersOf(file.FileId).Count == Replicas, TimeSpan.FromMinutes(10)),
            $"seed {seed}: {archive.HoldersOf(file.FileId).Count} replicas");
        var beyond = Assert.Single(archive.HoldersOf(file.FileId), holder => !ring.Take(Region).Contains(holder));
        archive.Overlay.Run(TimeSpan.FromMinutes(10));
        Assert.Equal(Replicas, archive.HoldersOf(file.FileId).Count);
        Assert.Contains(beyond, archive.HoldersOf(file.FileId));

        // It is the last that is left, and is found and made anew.
        ring[1].Crash();
        ring[2].Crash();
        archive.Overlay.Run(TimeSpan.FromMinutes(1));
        var found = archive.Run(() => archive.LookupAsync(archive.AnyNode(), file.FileId), TimeSpan.FromMinutes(10));
        Assert.True(found is VirtualLookup.Found, $"seed {seed}: {found}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_replica_for_which_nobody_has_room_is_counted_and_made_when_there_is_some(ulong seed)
    {
        var (archive, file, ring) = FormedAroundFull(seed, roomyBeyond: Nodes);
        ring[0].Crash();
        archive.Overlay.Run(TimeSpan.FromMinutes(5));
        Assert.Equal(Replicas - 1, archive.HoldersOf(file.FileId).Count);
        Assert.True(ring.Skip(1).Take(Replicas - 1).Sum(holder => archive.RepairsOf(holder).WithoutRoom) > 1, $"seed {seed}: nobody has counted what found no room");

        // It comes to where those who look for room look.
        var key = Enumerable.Range(Nodes, 1_000).Select(number => SeededKeys.Get(seed, number))
            .First(key => key.PublicKey.NodeId.IsCloserTo(file.FileId.RoutingKey, ring[Region / 2].Handle.Id));
        Join(archive, archive.AddNode(Roomy, key));
        Assert.True(
            archive.Overlay.RunUntil(() => archive.HoldersOf(file.FileId).Count == Replicas, TimeSpan.FromMinutes(10)),
            $"seed {seed}: {archive.HoldersOf(file.FileId).Count} replicas");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void A_replica_is_diverted_also_where_its_source_has_diverted_its_own(ulong seed)
    {
        // The last of the k is full, and its heir as well; content is long enough to be fetched from whom the giver names.
        var (archive, file, ring) = Formed(seed, rank => rank is Replicas - 1 or Replicas ? Full : 10 * Roomy, length: 100_000);
        Assert.Equal(Replicas, archive.HoldersOf(file.FileId).Count);

        // Nobody is named as a source who has just come to the ring.
        archive.Overlay.Run(TimeSpan.FromMinutes(6));
        ring[1].Crash();
        Assert.True(
            archive.Overlay.RunUntil(() => archive.HoldersOf(file.FileId).Count == Replicas, TimeSpan.FromMinutes(3)),
            $"seed {seed}: {archive.HoldersOf(file.FileId).Count} replicas");
    }

    /// <summary>Forms a ring in which the nodes next to a file are full, but for its holders.</summary>
    private static (VirtualArchive Archive, VirtualFile File, SimulatedNode[] ByDistance) FormedAroundFull(ulong seed, int roomyBeyond)
    {
        var formed = Formed(seed, rank => rank < Replicas || rank >= roomyBeyond ? Roomy : Full, Length);
        Assert.Equal(formed.ByDistance.Take(Replicas).ToHashSet(), formed.Archive.HoldersOf(formed.File.FileId).ToHashSet());
        return formed;
    }

    private static (VirtualArchive Archive, VirtualFile File, SimulatedNode[] ByDistance) Formed(ulong seed, Func<int, long> capacityOf, long length)
    {
        var archive = new VirtualArchive(new() { Overlay = new() { Seed = seed, Pastry = PastWorld.Quick }, Past = Options });
        var file = archive.NewFile(length, Replicas);
        var keys = Enumerable.Range(0, Nodes).Select(number => SeededKeys.Get(seed, number)).OrderBy(key => key.PublicKey.NodeId.DistanceTo(file.FileId.RoutingKey)).ToArray();
        var nodes = new SimulatedNode[Nodes];
        for (var rank = 0; rank < Nodes; rank++)
        {
            nodes[rank] = archive.AddNode(capacityOf(rank), keys[rank]);
            Join(archive, nodes[rank]);
        }

        var result = archive.Run(() => archive.InsertAsync(nodes[^1], file), TimeSpan.FromMinutes(10));
        Assert.True(result is InsertResult.Stored, $"seed {seed}: {result}");
        return (archive, file, nodes);
    }

    private static void Join(VirtualArchive archive, SimulatedNode node)
    {
        if (archive.Overlay.ReadyNodes.FirstOrDefault() is { } ready)
        {
            node.Join(ready);
        }
        else
        {
            node.StartRing();
        }

        Assert.True(archive.Overlay.RunUntilReady([node], TimeSpan.FromMinutes(10)), $"seed {archive.Overlay.Seed}: a node did not become ready");
    }
}
