using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>
/// Hosts with several nodes each: no two of a file's replicas lie on the same one as long as there are others. The oracle knows all hosts, and looks into all disks.
/// </summary>
public class FailureDomainTests
{
    private const int Nodes = 48;
    private const int Replicas = 3;

    private static readonly PastOptions Options = new() { MaintenanceInterval = TimeSpan.FromMinutes(1) };

    public static TheoryData<ulong, int> Rings
    {
        get
        {
            var rings = new TheoryData<ulong, int>();
            for (var seed = 1u; seed <= 4; seed++)
            {
                foreach (var nodesOnHost in (int[])[2, 4, 8])
                {
                    rings.Add(seed, nodesOnHost);
                }
            }

            return rings;
        }
    }

    [Theory]
    [MemberData(nameof(Rings))]
    public void No_two_replicas_lie_on_one_host_whatever_comes_and_goes(ulong seed, int nodesOnHost)
    {
        var archive = Formed(seed, Nodes, nodesOnHost);
        var files = InsertAll(archive, 150);
        AssertSpread(archive, files, Replicas);

        // Each time nodes are found dead before the next die, so that no file loses all its replicas.
        for (var i = 0; i < 6; i++)
        {
            Pick(archive).Crash();
            archive.Overlay.Run(TimeSpan.FromMinutes(1));
            Assert.True(archive.Grow(1), $"seed {seed}: a node did not become ready");
            archive.Overlay.Run(TimeSpan.FromMinutes(1));
        }

        archive.Overlay.Run(TimeSpan.FromMinutes(10));
        AssertSpread(archive, files, Replicas);
    }

    [Theory]
    [MemberData(nameof(Rings))]
    public void A_host_that_dies_with_all_its_nodes_takes_one_replica_of_a_file_at_most(ulong seed, int nodesOnHost)
    {
        var archive = Formed(seed, Nodes, nodesOnHost);
        var files = InsertAll(archive, 150);
        for (var i = 0; i < 2; i++)
        {
            var host = DomainOf(Pick(archive));
            foreach (var node in archive.Overlay.Nodes.Where(node => node.IsUp && DomainOf(node) == host))
            {
                node.Crash();
            }

            Assert.All(files, file => Assert.True(archive.HoldersOf(file.FileId).Count >= Replicas - 1, $"seed {seed}: {file.FileId:s} lost more than one replica"));
            archive.Overlay.Run(TimeSpan.FromMinutes(10));
            AssertSpread(archive, files, Replicas);
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 1)]
    [InlineData(4, 2)]
    public void Where_there_are_fewer_hosts_than_replicas_all_are_stored_on_different_nodes(ulong seed, int hosts)
    {
        const int Count = 12;
        var archive = Formed(seed, Count, Count / hosts);
        var files = InsertAll(archive, 60);
        AssertSpread(archive, files, hosts);
        Pick(archive).Crash();
        archive.Overlay.Run(TimeSpan.FromMinutes(5));
        AssertSpread(archive, files, hosts);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Replicas_that_lay_on_one_host_for_want_of_others_move_when_others_come(ulong seed)
    {
        const int First = 12;
        var archive = new VirtualArchive(new()
        {
            Overlay = OverlayOf(seed, nodesOnHost: 4) with { FailureDomainOf = node => (ulong)(node < First ? 1 : node / 4) },
            Past = Options,
        });
        Assert.True(archive.Grow(First), $"seed {seed}: nodes did not become ready");
        var files = InsertAll(archive, 60);
        AssertSpread(archive, files, hosts: 1);
        Assert.True(archive.Grow(24), $"seed {seed}: nodes did not become ready");
        archive.Overlay.Run(TimeSpan.FromMinutes(10));

        // Those who held a file in the small ring and do not see its place any more can't know that nobody needs it.
        AssertSpread(archive, files, Replicas, surplusMax: Replicas - 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_replica_that_vanishes_from_a_disk_comes_back_across_neighbours_of_the_same_host(ulong seed)
    {
        var archive = Formed(seed, Nodes, nodesOnHost: 8);
        var files = InsertAll(archive, 100);
        foreach (var file in files)
        {
            var holders = archive.HoldersOf(file.FileId);
            Assert.True(archive.DiskOf(holders[archive.Overlay.NextRandom(holders.Count)]).Remove(file.FileId));
        }

        archive.Overlay.Run(TimeSpan.FromMinutes(10));
        AssertSpread(archive, files, Replicas);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_replica_is_diverted_to_a_host_that_holds_no_other(ulong seed)
    {
        const int Small = 20_000;
        const int Large = 2_000_000;
        var archive = new VirtualArchive(new() { Overlay = OverlayOf(seed, nodesOnHost: 4), Past = Options });
        Assert.True(archive.Grow([.. Enumerable.Range(0, Nodes).Select(host => host % 3 == 0 ? Large : (long)Small)]), $"seed {seed}: nodes did not become ready");
        var files = InsertAll(archive, 100, length: 8_000, mayBeRefused: true);
        var diverted = files.Count(file => Expected(archive, file).Any(node => !archive.DiskOf(node).Contains(file.FileId)));
        Assert.True(diverted > 20, $"seed {seed}: only {diverted} files are diverted");
        foreach (var file in files)
        {
            var holders = archive.HoldersOf(file.FileId);
            Assert.True(holders.Select(DomainOf).Distinct().Count() >= Replicas, $"seed {seed}: {file.FileId:s} lies on {Show(holders)}");
        }
    }

    private static VirtualArchive Formed(ulong seed, int nodes, int nodesOnHost)
    {
        var archive = new VirtualArchive(new() { Overlay = OverlayOf(seed, nodesOnHost), Past = Options });
        Assert.True(archive.Grow(nodes), $"seed {seed}: nodes did not become ready");
        return archive;
    }

    private static PastrySimulationOptions OverlayOf(ulong seed, int nodesOnHost) =>
        new() { Seed = seed, Pastry = PastWorld.Quick, FailureDomainOf = node => (ulong)(node / nodesOnHost + 1) };

    private static VirtualFile[] InsertAll(VirtualArchive archive, int count, long length = 1_000, bool mayBeRefused = false)
    {
        var files = new List<VirtualFile>();
        archive.Run(
            async () =>
            {
                for (var i = 0; i < count; i++)
                {
                    var file = archive.NewFile(length, Replicas);
                    var result = await archive.InsertAsync(archive.AnyNode(), file);
                    if (result is InsertResult.Stored)
                    {
                        files.Add(file);
                        Assert.Equal(Replicas, result.Receipts.Select(receipt => receipt.Holder).Distinct().Count());
                    }
                    else
                    {
                        Assert.True(mayBeRefused, $"seed {archive.Overlay.Seed}: {result}");
                    }
                }
            },
            TimeSpan.FromHours(1));
        return [.. files];
    }

    private static SimulatedNode Pick(VirtualArchive archive) => archive.AnyNode();

    private static ulong DomainOf(SimulatedNode node) => node.Handle.FailureDomain;

    /// <summary>Lists who should hold a file, as seen from above: the closest node of each host, as far as these suffice.</summary>
    private static SimulatedNode[] Expected(VirtualArchive archive, VirtualFile file)
    {
        var oracle = new RingOracle(archive.Overlay);
        SimulatedNode[] closest = [.. oracle.Closest(file.FileId.RoutingKey, oracle.Ring.Count).Select(node => archive.Overlay.Find(node.Id)!)];
        SimulatedNode[] first = [.. closest.DistinctBy(DomainOf)];
        return [.. first.Concat(closest.Except(first)).Take(Replicas)];
    }

    /// <summary>Asserts that each file has k replicas on as many hosts as it can be, and that who should hold it does.</summary>
    private static void AssertSpread(VirtualArchive archive, VirtualFile[] files, int hosts, int surplusMax = 0)
    {
        foreach (var file in files)
        {
            var holders = archive.HoldersOf(file.FileId);
            var expected = Expected(archive, file);
            Assert.True(
                expected.All(holders.Contains) && expected.Select(DomainOf).Distinct().Count() == hosts,
                $"seed {archive.Overlay.Seed}: {file.FileId:s} lies on {Show(holders)} and should on {Show(expected)}");
            Assert.True(holders.Count <= Replicas + surplusMax, $"seed {archive.Overlay.Seed}: {file.FileId:s} lies on {Show(holders)}, more than {Show(expected)}");
        }
    }

    private static string Show(IEnumerable<SimulatedNode> nodes) =>
        string.Join(", ", nodes.Select(node => $"{node.Handle.Id:s} of host {DomainOf(node)}"));
}
