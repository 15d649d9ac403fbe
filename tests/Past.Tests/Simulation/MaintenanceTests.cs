using P2P.Past;
using P2P.Past.Simulation;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Replicas that are missing are found and made anew, at the rate that is allowed, and everybody can see how far that is.</summary>
public class MaintenanceTests
{
    private static readonly TimeSpan Round = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 5)]
    [InlineData(3, 2)]
    public void What_is_lost_unseen_comes_back_with_the_slow_rounds(ulong seed, int replicas)
    {
        var archive = Formed(seed, new PastOptions { MaintenanceInterval = Round });
        var files = InsertAll(archive, 300, length: 1_000, replicas);
        archive.Overlay.Run(TimeSpan.FromMinutes(5));
        var victim = archive.Overlay.Nodes.MaxBy(node => archive.DiskOf(node).Usage.Count)!;
        var disk = archive.DiskOf(victim);
        var held = files.Where(file => disk.Contains(file.FileId)).ToArray();
        Assert.NotEmpty(held);
        Assert.All(held, file => Assert.True(disk.Remove(file.FileId)));

        // What one filter passes over by chance, once in a hundred times, another one or that of the next round shows.
        archive.Overlay.Run(2 * Round + TimeSpan.FromSeconds(30));
        Assert.All(held, file => Assert.True(disk.Contains(file.FileId), $"seed {seed}: {file.FileId:s} is still missing"));
        Assert.Equal(files.Length * replicas, files.Sum(file => archive.HoldersOf(file.FileId).Count));
    }

    [Fact]
    public void What_neighbours_lose_together_comes_back_as_long_as_one_holds_it()
    {
        var archive = Formed(seed: 4, new PastOptions { MaintenanceInterval = Round });
        var files = InsertAll(archive, 100, length: 1_000, replicas: 5);
        archive.Overlay.Run(TimeSpan.FromMinutes(5));
        foreach (var file in files)
        {
            foreach (var holder in archive.HoldersOf(file.FileId).Skip(1))
            {
                Assert.True(archive.DiskOf(holder).Remove(file.FileId));
            }
        }

        archive.Overlay.Run(6 * Round);
        Assert.Equal(files.Length * 5, files.Sum(file => archive.HoldersOf(file.FileId).Count));
    }

    [Fact]
    public void A_quiet_round_moves_nothing_and_drops_nothing()
    {
        var archive = Formed(seed: 5, new PastOptions { MaintenanceInterval = Round });
        InsertAll(archive, 300, length: 1_000, replicas: 3);
        archive.Overlay.Run(TimeSpan.FromMinutes(5));
        var before = archive.Counters with { };
        archive.Overlay.Run(5 * Round);
        Assert.Equal(before, archive.Counters);
    }

    [Fact]
    public void Repairs_keep_to_the_rate_that_is_allowed_and_end_all_the_same()
    {
        const long Rate = 50_000;
        var archive = Formed(seed: 6, new PastOptions { RepairRateMax = Rate });
        var files = InsertAll(archive, 200, length: 100_000, replicas: 3);
        var victim = archive.Overlay.Nodes.MaxBy(node => archive.DiskOf(node).Usage.Count)!;
        var moved = archive.Counters.RepairedBytes;
        victim.Crash();
        var begin = archive.Overlay.Now;
        while (files.Any(file => archive.HoldersOf(file.FileId).Count < 3))
        {
            archive.Overlay.Run(TimeSpan.FromSeconds(5));
            var seconds = (archive.Overlay.Now - begin).TotalSeconds;
            Assert.InRange(seconds, 0, 600);
            Assert.All(
                archive.Overlay.Nodes.Where(node => node.IsUp),
                node => Assert.InRange(archive.RepairsOf(node).BytesGiven, 0, Rate * seconds + 100_000));
        }

        archive.Overlay.Run(TimeSpan.FromMinutes(1));
        var given = archive.Overlay.Nodes.Where(node => node.IsUp).Select(archive.RepairsOf).ToArray();
        Assert.InRange(given.Sum(progress => progress.BytesGiven), archive.Counters.RepairedBytes - moved, 2 * (archive.Counters.RepairedBytes - moved));
        Assert.Equal(given.Sum(progress => progress.ReplicasGiven) * 100_000, given.Sum(progress => progress.BytesGiven));
        Assert.All(given, progress => Assert.Equal((0, 0, 0.0), (progress.Waiting, progress.UnderWay, progress.BytesPerSecond)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Repairs_over_slow_lines_keep_to_their_bound_and_all_are_counted(ulong seed)
    {
        // A transfer takes the line of who gives it 40 s, more than a stream may stall.
        const int Length = 2_000_000;
        var archive = new VirtualArchive(new()
        {
            Overlay = new() { Seed = seed, Pastry = PastWorld.Quick },
            Past = new PastOptions { RepairsMax = 2 },
            UplinkBitsPerSecond = 8d * Length / 40,
        });
        Assert.True(archive.Grow(20));
        var ring = new RingOracle(archive.Overlay);
        var giver = archive.Overlay.Nodes[0];
        var files = Enumerable.Range(0, 10_000).Select(_ => archive.NewFile(Length, replicaCount: 2))
            .Where(file => ring.Closest(file.FileId.RoutingKey, 1)[0].Id == giver.Handle.Id).Take(12).ToArray();
        foreach (var file in files)
        {
            foreach (var node in ring.Closest(file.FileId.RoutingKey, 2))
            {
                Assert.True(archive.DiskOf(archive.Overlay.Find(node.Id)!).TryAdd(file, owner: 0));
            }
        }

        var lost = archive.Overlay.Nodes.Where(node => node != giver).MaxBy(node => archive.DiskOf(node).Usage.Count)!;
        var count = archive.DiskOf(lost).Usage.Count;
        Assert.True(count > 4, $"seed {seed}: {count} files");
        lost.Crash();
        for (var second = 0; second < 1_000; second++)
        {
            archive.Overlay.Run(TimeSpan.FromSeconds(1));
            var served = archive.Overlay.Nodes.Sum(node => node is { IsUp: true, Modules: [VirtualStore store] } ? store.ServedCount : 0);
            Assert.InRange(served, 0, 2);
        }

        Assert.All(files, file => Assert.Equal(2, archive.HoldersOf(file.FileId).Count));
        var progress = archive.RepairsOf(giver);
        Assert.Equal((0, 0, count, count * (long)Length), (progress.Waiting, progress.UnderWay, progress.ReplicasGiven, progress.BytesGiven));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    [InlineData(5, true)]
    public void Who_offers_content_and_gives_none_keeps_no_holder_from_getting_it_elsewhere(ulong seed, bool isFull)
    {
        // A source that gives nothing is waited for longer than the test runs.
        var archive = Formed(seed, new PastOptions { MaintenanceInterval = Round, StallTimeout = TimeSpan.FromHours(2) });
        var file = Assert.Single(InsertAll(archive, 1, length: 100_000, replicas: 3));
        archive.Overlay.Run(TimeSpan.FromMinutes(6));
        var members = archive.Overlay.Nodes.ToArray();
        var victim = archive.HoldersOf(file.FileId)[0];
        var attacker = Impostor(archive, file);
        Assert.True(archive.DiskOf(victim).Remove(file.FileId));
        if (isFull)
        {
            // It looks for a neighbour that holds the file in its stead, which turns to the same source.
            var usage = archive.DiskOf(victim).Usage;
            Assert.True(archive.DiskOf(victim).TryAdd(archive.NewFile(usage.FreeBytes - 1_000, replicaCount: 1), owner: 0));
            archive.Overlay.Run(TimeSpan.FromSeconds(1));
        }

        var request = new InsertRequest(operation: 7, archive.Certify(file, owner: 0), content: null);
        for (var second = 0; second < 600 && Holders() < 3; second++)
        {
            attacker.Node.Post(attacker.Impostor, (IOverlay overlay) => overlay.Send(victim.Handle, Payload.FromContent(request)));
            archive.Overlay.Run(TimeSpan.FromSeconds(1));
        }

        Assert.True(Holders() >= 3, $"seed {seed}: {Holders()} replicas");

        int Holders() => members.Count(node => archive.DiskOf(node).Contains(file.FileId));
    }

    /// <summary>Adds a node that takes part in the ring and holds nothing; it should not hold the file either.</summary>
    private static (Impostor Impostor, SimulatedNode Node) Impostor(VirtualArchive archive, VirtualFile file)
    {
        var impostor = new Impostor();
        var holders = archive.HoldersOf(file.FileId);
        var place = Enumerable.Range(0, 1000).Select(number => SeededKeys.Get(archive.Overlay.Seed, number).PublicKey.NodeId)
            .First(place => holders.All(holder => holder.Handle.Id.IsCloserTo(file.FileId.RoutingKey, place)));
        var node = archive.Overlay.AddNode(place, impostor);
        node.Join(archive.AnyNode());
        Assert.True(archive.Overlay.RunUntilReady([node], TimeSpan.FromMinutes(1)));
        return (impostor, node);
    }

    private static VirtualArchive Formed(ulong seed, PastOptions options)
    {
        var archive = new VirtualArchive(new() { Overlay = new() { Seed = seed, Pastry = PastWorld.Quick }, Past = options });
        Assert.True(archive.Grow(40));
        return archive;
    }

    private static VirtualFile[] InsertAll(VirtualArchive archive, int count, long length, int replicas)
    {
        VirtualFile[] files = [.. Enumerable.Range(0, count).Select(_ => archive.NewFile(length, replicas))];
        archive.Run(
            async () =>
            {
                foreach (var file in files)
                {
                    Assert.IsType<InsertResult.Stored>(await archive.InsertAsync(archive.AnyNode(), file));
                }
            },
            TimeSpan.FromHours(1));
        return files;
    }
}
