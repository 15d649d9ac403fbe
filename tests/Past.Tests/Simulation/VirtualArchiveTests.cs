using P2P.Past;
using P2P.Past.Simulation;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Archives of files without bytes: the protocol is the one of live nodes, and content takes its time.</summary>
public class VirtualArchiveTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    [Fact]
    public void An_insert_leaves_replicas_on_the_k_nodes_closest_to_the_id()
    {
        var archive = Formed(40);
        var file = archive.NewFile(length: 5_000, replicaCount: 5);
        var result = Insert(archive, file);
        Assert.IsType<InsertResult.Stored>(result);
        Assert.Equal(5, result.Receipts.Select(receipt => receipt.Holder).Distinct().Count());
        var closest = new RingOracle(archive.Overlay).Closest(file.FileId.RoutingKey, 5).Select(node => node.Id);
        Assert.Equal(closest.Order(), archive.HoldersOf(file.FileId).Select(node => node.Handle.Id).Order());
        Assert.All(archive.HoldersOf(file.FileId), holder => Assert.True(archive.DiskOf(holder).TryFind(file.FileId, out var stored) && stored == file));
        Assert.Equal(5 * 5_000, archive.Counters.StoredBytes);
        Assert.Equal(5 * 5_000d / (40L << 24), archive.Utilization, precision: 12);
    }

    [Fact]
    public void A_lookup_finds_what_is_stored_and_says_so_of_what_is_not()
    {
        var archive = Formed(40);
        var (small, large) = (archive.NewFile(length: 5_000, replicaCount: 3), archive.NewFile(length: 500_000, replicaCount: 3));
        Insert(archive, small);
        Insert(archive, large);
        foreach (var file in (VirtualFile[])[small, large])
        {
            var found = Assert.IsType<VirtualLookup.Found>(Lookup(archive, file.FileId));
            Assert.Equal(file, found.File);
            Assert.Contains(archive.HoldersOf(file.FileId), node => node.Handle.Equals(found.Holder));
        }

        Assert.IsType<VirtualLookup.NotFound>(Lookup(archive, archive.NewFile(1, 1).FileId));
        Assert.Equal(505_000, archive.Counters.LookedUpBytes);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        Assert.Equal(Run(seed: 5), Run(seed: 5));
        Assert.NotEqual(Run(seed: 5), Run(seed: 6));

        static (ulong, VirtualArchiveCounters) Run(ulong seed)
        {
            var archive = Formed(30, seed);
            for (var i = 0; i < 20; i++)
            {
                Insert(archive, archive.NewFile(length: 10_000 * i, replicaCount: 3));
            }

            archive.Overlay.Nodes[3].Crash();
            archive.Overlay.Run(TimeSpan.FromMinutes(1));
            return (archive.Overlay.TraceHash, archive.Counters);
        }
    }

    [Fact]
    public void Replicas_of_a_crashed_node_are_made_anew_and_a_node_that_returns_brings_its_disk()
    {
        var archive = Formed(40);
        VirtualFile[] files = [.. Enumerable.Range(0, 50).Select(_ => archive.NewFile(length: 100_000, replicaCount: 3))];
        foreach (var file in files)
        {
            Insert(archive, file);
        }

        var gone = archive.HoldersOf(files[0].FileId)[0];
        var held = archive.DiskOf(gone).Usage.Count;
        gone.Crash();
        archive.Overlay.Run(TimeSpan.FromMinutes(1));
        Assert.All(files, file => Assert.Equal(3, archive.HoldersOf(file.FileId).Count));
        Assert.InRange(archive.Counters.RepairedBytes, 100_000L * held, 200_000L * held);
        Assert.Equal(held, archive.DiskOf(gone).Usage.Count);

        archive.Restart(gone);
        gone.Join(archive.AnyNode());
        Assert.True(archive.Overlay.RunUntilReady([gone], Limit));
        Assert.Equal(held, archive.DiskOf(gone).Usage.Count);

        gone.Crash();
        archive.Restart(gone, withDisk: false);
        Assert.Equal(0, archive.DiskOf(gone).Usage.Count);
    }

    [Fact]
    public void Content_takes_the_time_that_the_lines_of_both_ends_need()
    {
        // A megabyte over 8 Mbit/s: a second each. The coordinator gets it from the client, and the other holders from the coordinator or the client.
        var archive = Formed(40, change: options => options with { UplinkBitsPerSecond = 8e6, DownlinkBitsPerSecond = 8e6 });
        var file = archive.NewFile(length: 1_000_000, replicaCount: 3);
        var begin = archive.Overlay.Now;
        Insert(archive, file);
        Assert.InRange((archive.Overlay.Now - begin).TotalSeconds, 2, 4.5);

        begin = archive.Overlay.Now;
        Assert.IsType<VirtualLookup.Found>(Lookup(archive, file.FileId));
        Assert.InRange((archive.Overlay.Now - begin).TotalSeconds, 1, 2);
    }

    [Fact]
    public void Long_content_does_not_travel_to_those_who_hold_it_already()
    {
        var archive = Formed(40, change: options => options with { UplinkBitsPerSecond = 8e6, DownlinkBitsPerSecond = 8e6 });
        var file = archive.NewFile(length: 1_000_000, replicaCount: 3);
        var owner = archive.AnyNode();
        archive.Run(() => archive.InsertAsync(owner, file), Limit);

        var begin = archive.Overlay.Now;
        Assert.IsType<InsertResult.Stored>(archive.Run(() => archive.InsertAsync(owner, file), Limit));
        Assert.InRange((archive.Overlay.Now - begin).TotalSeconds, 0, 1);
    }

    [Fact]
    public void A_file_without_room_is_refused()
    {
        var archive = Formed(20);
        var refused = Assert.IsType<InsertResult.Refused>(Insert(archive, archive.NewFile((1 << 24) + 1, replicaCount: 3)));
        Assert.Equal(StoreRefusal.NoRoom, refused.Reason);
        Assert.Equal(1, archive.Counters.InsertsRefused);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_file_that_finds_no_room_is_inserted_under_other_salts_and_leaves_nothing_at_the_places_before(ulong seed)
    {
        const int Replicas = 3;
        const int Salts = 8;
        var archive = new VirtualArchive(new() { Overlay = new() { Seed = seed, Pastry = PastWorld.Quick }, Past = new() { SaltsMax = Salts, DiversionsMax = 0 } });
        Assert.True(archive.Grow([.. Enumerable.Range(0, 40).Select(node => node % 3 == 0 ? 10_000 : 1L << 30)]), $"seed {seed}: nodes did not become ready");
        var ended = new List<(InsertResult Result, int Salts)>();
        for (var i = 0; i < 60; i++)
        {
            archive.Insert(archive.AnyNode(), 20_000, Replicas, (result, salts) => ended.Add((result, salts)));
        }

        Assert.True(archive.Overlay.RunUntil(() => ended.Count == 60, Limit), $"seed {seed}: {ended.Count} of 60 inserts have ended");
        Assert.Contains(ended, end => end is (InsertResult.Stored, 1));
        Assert.Contains(ended, end => end is (InsertResult.Stored, > 1));
        Assert.All(ended, end => Assert.True(end is (InsertResult.Stored, <= Salts) or (InsertResult.Refused { Reason: StoreRefusal.NoRoom }, Salts), $"seed {seed}: {end}"));
        var stored = ended.Select(end => end.Result).OfType<InsertResult.Stored>().ToArray();
        Assert.Equal(stored.Length, stored.Select(result => result.FileId).Distinct().Count());

        // A replica that was on its way beyond the leaf set when the file was taken back is given up when its holder offers it.
        archive.Overlay.Run(TimeSpan.FromMinutes(30));
        Assert.All(stored, result => Assert.Equal(Replicas, archive.HoldersOf(result.FileId).Count));
        Assert.Equal(stored.Length * Replicas, archive.Overlay.Nodes.Sum(node => archive.DiskOf(node).Usage.Count));
    }

    [Fact]
    public void A_file_for_which_nobody_has_room_is_refused_after_the_last_salt()
    {
        const int Salts = 3;
        var archive = Formed(20, change: options => options with { Past = new() { SaltsMax = Salts } });
        (InsertResult Result, int Salts)? ended = null;
        archive.Insert(archive.AnyNode(), (1 << 24) + 1, replicaCount: 3, (result, salts) => ended = (result, salts));
        Assert.True(archive.Overlay.RunUntil(() => ended is not null, Limit));
        Assert.True(ended is (InsertResult.Refused { Reason: StoreRefusal.NoRoom }, Salts), $"{ended}");
        Assert.Equal(0, archive.Overlay.Nodes.Sum(node => archive.DiskOf(node).Usage.Count));
    }

    [Fact]
    public void What_a_mistrusted_node_signs_or_gives_does_not_count()
    {
        var archive = Formed(40);
        var (first, second) = (archive.NewFile(1_000, replicaCount: 3), archive.NewFile(1_000, replicaCount: 3));
        Insert(archive, first);
        var closest = archive.Overlay.Find(new RingOracle(archive.Overlay).Closest(second.FileId.RoutingKey, 1)[0].Id)!;
        var honest = archive.Overlay.Nodes.First(node => node != closest && !archive.DiskOf(node).Contains(first.FileId));
        foreach (var liar in archive.HoldersOf(first.FileId).Take(2))
        {
            archive.Mistrust(liar);
        }

        var found = Assert.IsType<VirtualLookup.Found>(Lookup(archive, first.FileId));
        Assert.Equal(archive.HoldersOf(first.FileId)[2].Handle, found.Holder);

        archive.Mistrust(closest);
        Assert.IsType<InsertResult.Indeterminate>(archive.Run(() => archive.InsertAsync(honest, second), Limit));
        var forged = archive.Run(() => archive.InsertAsync(archive.HoldersOf(first.FileId)[0], archive.NewFile(1_000, replicaCount: 3)), Limit);
        Assert.Equal(StoreRefusal.BadCertificate, Assert.IsType<InsertResult.Refused>(forged).Reason);
    }

    [Fact]
    public void A_file_that_is_taken_back_is_gone_and_stays_away()
    {
        var archive = Formed(40);
        var file = archive.NewFile(length: 5_000, replicaCount: 3);
        Insert(archive, file);
        var result = archive.Run(() => archive.ReclaimAsync(archive.AnyNode(), file), Limit);
        Assert.Equal(3, Assert.IsType<ReclaimResult.Reclaimed>(result).Receipts.Length);
        Assert.Empty(archive.HoldersOf(file.FileId));
        Assert.Equal(StoreRefusal.Reclaimed, Assert.IsType<InsertResult.Refused>(Insert(archive, file)).Reason);
    }

    [Fact]
    public void Operations_of_a_node_that_stops_end()
    {
        var archive = Formed(20);
        var node = archive.Overlay.Nodes[7];
        var insert = archive.InsertAsync(node, archive.NewFile(1_000, 3));
        var lookup = archive.LookupAsync(node, archive.NewFile(1_000, 3).FileId);
        node.Crash();
        archive.Overlay.Run(TimeSpan.FromSeconds(1));
        Assert.True(insert is { IsCompletedSuccessfully: true, Result: InsertResult.Indeterminate });
        Assert.True(lookup is { IsCompletedSuccessfully: true, Result: VirtualLookup.Unreachable });
        Assert.Throws<ArgumentException>(() => archive.Lookup(node, archive.NewFile(1_000, 3).FileId, _ => { }));
    }

    [Fact]
    public void A_fetch_goes_on_with_another_source_when_one_crashes()
    {
        var archive = Formed(40, change: options => options with { UplinkBitsPerSecond = 8e6 });
        var file = archive.NewFile(length: 1_000_000, replicaCount: 3);
        Insert(archive, file);
        var client = archive.Overlay.Nodes.First(node => !archive.DiskOf(node).Contains(file.FileId));
        var lookup = archive.LookupAsync(client, file.FileId);
        archive.Overlay.Run(TimeSpan.FromSeconds(0.9));
        foreach (var holder in archive.HoldersOf(file.FileId).Take(1))
        {
            holder.Crash();
        }

        Assert.True(archive.Overlay.RunUntil(() => lookup.IsCompleted, Limit));
        Assert.True(lookup is { IsCompletedSuccessfully: true, Result: VirtualLookup.Found });
    }

    [Fact]
    public void What_nobody_has_signed_verifies_nowhere_and_has_no_encoding()
    {
        var signed = TestFiles.Certify(TestFiles.Content(5));
        var certificate = FileCertificate.Unsigned(signed.FileId, signed.Owner, contentLength: 5, replicaCount: 3);
        var receipt = StoreReceipt.Unsigned(certificate, TestFiles.Holder.PublicKey.NodeId, DateTimeOffset.UnixEpoch);
        var reclaim = ReclaimCertificate.Unsigned(certificate, DateTimeOffset.UnixEpoch);
        var reclaimed = ReclaimReceipt.Unsigned(reclaim, freedBytes: 5, TestFiles.Holder.PublicKey.NodeId, DateTimeOffset.UnixEpoch);
        Assert.False(certificate.Verify());
        Assert.False(receipt.Verify());
        Assert.False(reclaim.Verify());
        Assert.False(reclaimed.Verify());
        Assert.True(receipt.IsFor(certificate));
        Assert.True(reclaimed.IsFor(reclaim));
        Assert.False(FileCertificate.TryRead(certificate.Encoded.AsMemory(), out _));
        Assert.False(StoreReceipt.TryRead(receipt.Encoded.AsMemory(), out _));
        Assert.False(ReclaimCertificate.TryRead(reclaim.Encoded.AsMemory(), out _));
        Assert.False(ReclaimReceipt.TryRead(reclaimed.Encoded.AsMemory(), out _));
        Assert.NotEqual(receipt, StoreReceipt.Unsigned(certificate, NodeId.FromText("another"), DateTimeOffset.UnixEpoch));
    }

    private static VirtualArchive Formed(int nodes, ulong seed = 1, Func<VirtualArchiveOptions, VirtualArchiveOptions>? change = null)
    {
        var options = new VirtualArchiveOptions { Overlay = new() { Seed = seed, Pastry = PastWorld.Quick }, CapacityBytes = 1 << 24 };
        var archive = new VirtualArchive(change?.Invoke(options) ?? options);
        Assert.True(archive.Grow(nodes));
        return archive;
    }

    private static InsertResult Insert(VirtualArchive archive, VirtualFile file) => archive.Run(() => archive.InsertAsync(archive.AnyNode(), file), Limit);

    private static VirtualLookup Lookup(VirtualArchive archive, FileId file) => archive.Run(() => archive.LookupAsync(archive.AnyNode(), file), Limit);
}
