using P2P.Past;
using P2P.Pastry;

namespace Past.Tests.Contract;

/// <summary>
/// Holds for every store. The files of this folder know the package's public face only, and no other file: who writes a store of one's own copies them
/// beside its tests, derives a class from this one, and runs it with xunit.
/// </summary>
public abstract class ReplicaStoreContract
{
    protected const int Leaf = ContentLayout.LeafSize;

    [Theory]
    [MemberData(nameof(ContractFiles.Lengths), MemberType = typeof(ContractFiles))]
    public async Task What_was_stored_in_one_call_is_read_back(int length)
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(length);
        var certificate = ContractFiles.Certify(content);
        await store.StoreAsync(certificate, content);
        Assert.True(store.Contains(certificate.FileId));
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task What_its_owner_takes_back_is_gone_and_does_not_come_again()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(1000);
        var certificate = ContractFiles.Certify(content);
        var reclaim = await ContractFiles.TakeBackAsync(certificate);
        var now = DateTimeOffset.FromUnixTimeMilliseconds(2_000_000_000_000);
        await store.StoreAsync(certificate, content);
        Assert.False(store.IsReclaimed(certificate.FileId));
        Assert.Null(await store.FindReclaimedAsync(certificate.FileId));

        var reclaimed = await store.ReclaimAsync(reclaim, now);
        Assert.Equal(new ReclaimedReplica(reclaim, 1000, now), reclaimed);
        Assert.Equal(reclaimed, await store.ReclaimAsync(reclaim, now.AddDays(1)));
        Assert.Equal(reclaimed, await store.FindReclaimedAsync(certificate.FileId));
        Assert.True(store.IsReclaimed(certificate.FileId));
        Assert.False(store.Contains(certificate.FileId));
        Assert.Null(await store.OpenReadAsync(certificate.FileId));
        Assert.Equal(0, store.Usage.UsedBytes);
        await Assert.ThrowsAsync<ReplicaReclaimedException>(() => store.StoreAsync(certificate, content).AsTask());
        await Assert.ThrowsAsync<ReplicaReclaimedException>(() => store.BeginAsync(certificate).AsTask());

        Assert.Equal(0, await store.ForgetReclaimedAsync(now));
        Assert.Equal(1, await store.ForgetReclaimedAsync(now.AddMilliseconds(1)));
        Assert.False(store.IsReclaimed(certificate.FileId));
        await store.StoreAsync(certificate, content);
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task What_was_never_held_is_remembered_as_that_when_it_is_taken_back()
    {
        await using var store = await OpenAsync();
        var certificate = ContractFiles.Certify([1, 2, 3]);
        var reclaimed = await store.ReclaimAsync(await ContractFiles.TakeBackAsync(certificate), DateTimeOffset.UnixEpoch);
        Assert.Null(reclaimed.FreedBytes);
        Assert.True(store.IsReclaimed(certificate.FileId));
    }

    [Fact]
    public async Task Beyond_the_bound_what_was_never_held_is_forgotten_first_and_of_one_owner_no_more_than_a_quarter_is_remembered()
    {
        await using var store = await OpenRememberingAsync(reclaimsMax: 8);
        if (store is null)
        {
            return;
        }

        var owners = Enumerable.Range(0, 4).Select(_ => SigningKey.Create()).ToArray();
        var held = new List<FileId>();
        for (var file = 0; file < 3; file++)
        {
            held.Add(await TakeBackAsync(store, owners[0], $"held {file}", isHeld: true));
        }

        // An owner's own give way to the third; then those of others to who comes last.
        FileId[] first = [await TakeBackAsync(store, owners[1], "a"), await TakeBackAsync(store, owners[1], "b"), await TakeBackAsync(store, owners[1], "c")];
        Assert.Equal([false, true, true], first.Select(store.IsReclaimed));
        FileId[] second = [await TakeBackAsync(store, owners[2], "a"), await TakeBackAsync(store, owners[2], "b"), await TakeBackAsync(store, owners[3], "a")];
        Assert.Equal([false, true, true, true, true, true], first.Concat(second).Select(store.IsReclaimed));
        var last = await TakeBackAsync(store, owners[3], "b");
        Assert.Equal([false, false, true, true, true, true, true], first.Concat(second).Append(last).Select(store.IsReclaimed));
        Assert.All(held, id => Assert.True(store.IsReclaimed(id)));
        Assert.Null(await store.FindReclaimedAsync(first[1]));

        // What is held is taken back however full it is, and is never forgotten for what is not.
        for (var file = 3; file < 9; file++)
        {
            held.Add(await TakeBackAsync(store, owners[0], $"held {file}", isHeld: true));
        }

        Assert.Equal(held.Select(id => id != held[0]), held.Select(store.IsReclaimed));
        await Assert.ThrowsAsync<ReplicaStoreFullException>(() => TakeBackAsync(store, owners[1], "too many"));
        Assert.Equal(held.Select(id => id != held[0]), held.Select(store.IsReclaimed));

        Assert.Equal(8, await store.ForgetReclaimedAsync(DateTimeOffset.UnixEpoch.AddDays(1)));
        Assert.True(store.IsReclaimed(await TakeBackAsync(store, owners[1], "there is room again")));
    }

    [Fact]
    public async Task What_is_being_written_is_not_taken_back_before_its_writer_is_done()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(2 * Leaf);
        var certificate = ContractFiles.Certify(content);
        var reclaim = await ContractFiles.TakeBackAsync(certificate);
        await using (var writer = await store.BeginAsync(certificate))
        {
            await AppendAsync(writer, content, 2);
            await Assert.ThrowsAsync<ReplicaExistsException>(() => store.ReclaimAsync(reclaim, DateTimeOffset.UnixEpoch).AsTask());
            await writer.CompleteAsync();
        }

        Assert.Equal(content.Length, (await store.ReclaimAsync(reclaim, DateTimeOffset.UnixEpoch)).FreedBytes);
    }

    [Theory]
    [MemberData(nameof(ContractFiles.Lengths), MemberType = typeof(ContractFiles))]
    public async Task What_was_written_leaf_by_leaf_is_read_back(int length)
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(length);
        var certificate = ContractFiles.Certify(content);
        await using (var writer = await store.BeginAsync(certificate))
        {
            await AppendAsync(writer, content, certificate.Layout.LeafCount);
            Assert.False(store.Contains(certificate.FileId));
            Assert.Null(await store.OpenReadAsync(certificate.FileId));
            await writer.CompleteAsync();
            Assert.True(store.Contains(certificate.FileId));
        }

        await AssertHoldsAsync(store, certificate, content);
        Assert.Equal(ReplicaCondition.Intact, await store.VerifyAsync(certificate.FileId));
    }

    [Fact]
    public async Task An_interrupted_writing_goes_on_after_the_last_leaf()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(5 * Leaf + 3);
        var certificate = ContractFiles.Certify(content);
        await using (var writer = await store.BeginAsync(certificate))
        {
            await AppendAsync(writer, content, 4);
        }

        var reserved = store.Usage.UsedBytes;
        Assert.InRange(reserved, 4 * Leaf, 5 * Leaf);
        await using (var writer = await store.BeginAsync(certificate))
        {
            Assert.Equal(4, writer.NextLeaf);
            Assert.Equal(reserved, store.Usage.UsedBytes);
            await AppendAsync(writer, content, 6);
            await writer.CompleteAsync();
        }

        Assert.InRange(store.Usage.UsedBytes, content.Length, content.Length + Leaf);
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task A_discarded_writing_leaves_nothing()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(2 * Leaf);
        var certificate = ContractFiles.Certify(content);
        await using (var writer = await store.BeginAsync(certificate))
        {
            await AppendAsync(writer, content, 1);
            await writer.DiscardAsync();
            await writer.DiscardAsync();
        }

        Assert.Equal(0, store.Usage.UsedBytes);
        await using var again = await store.BeginAsync(certificate);
        Assert.Equal(0, again.NextLeaf);
    }

    [Fact]
    public async Task A_writing_without_any_leaf_leaves_nothing()
    {
        await using var store = await OpenAsync();
        await (await store.BeginAsync(ContractFiles.Certify([1]))).DisposeAsync();
        Assert.Equal(0, store.Usage.UsedBytes);
    }

    [Fact]
    public async Task Another_certificate_of_the_same_file_starts_anew()
    {
        await using var store = await OpenAsync();
        var first = ContractFiles.Certify(ContractFiles.Content(3 * Leaf));
        var content = ContractFiles.Content(2 * Leaf, seed: 2);
        var second = ContractFiles.Certify(content);
        Assert.Equal(first.FileId, second.FileId);
        await using (var writer = await store.BeginAsync(first))
        {
            await AppendAsync(writer, ContractFiles.Content(3 * Leaf), 2);
        }

        await using (var writer = await store.BeginAsync(second))
        {
            Assert.Equal(0, writer.NextLeaf);
            await AppendAsync(writer, content, 2);
            await writer.CompleteAsync();
        }

        await AssertHoldsAsync(store, second, content);
    }

    [Fact]
    public async Task Storing_in_one_call_replaces_an_interrupted_writing()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(3 * Leaf);
        var certificate = ContractFiles.Certify(content);
        await using (var writer = await store.BeginAsync(certificate))
        {
            await AppendAsync(writer, content, 2);
        }

        await store.StoreAsync(certificate, content);
        await AssertHoldsAsync(store, certificate, content);
        Assert.Equal(1, store.Usage.Count);
    }

    [Fact]
    public async Task An_id_that_is_taken_is_refused()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(10);
        var certificate = ContractFiles.Certify(content);
        await using (var writer = await store.BeginAsync(certificate))
        {
            await RefusesAsync(isStored: false);
        }

        await store.StoreAsync(certificate, content);
        await RefusesAsync(isStored: true);

        async Task RefusesAsync(bool isStored)
        {
            var begin = await Assert.ThrowsAsync<ReplicaExistsException>(async () => await store.BeginAsync(certificate));
            var storing = await Assert.ThrowsAsync<ReplicaExistsException>(async () => await store.StoreAsync(certificate, content));
            Assert.Equal((isStored, isStored), (begin.IsStored, storing.IsStored));
        }
    }

    [Fact]
    public async Task Content_that_is_not_the_certificates_is_never_stored()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(2 * Leaf + 9);
        var certificate = ContractFiles.Certify(content);
        var wrong = content.ToArray();
        wrong[Leaf] ^= 1;
        await Assert.ThrowsAsync<ContentVerificationException>(async () => await store.StoreAsync(certificate, wrong));
        await Assert.ThrowsAsync<ContentVerificationException>(async () => await store.StoreAsync(certificate, content.AsMemory(1)));
        await using (var writer = await store.BeginAsync(certificate))
        {
            await AppendAsync(writer, wrong, 3);
            await Assert.ThrowsAsync<ContentVerificationException>(async () => await writer.CompleteAsync());
        }

        Assert.False(store.Contains(certificate.FileId));
        Assert.Equal(0, store.Usage.UsedBytes);
        await store.StoreAsync(certificate, content);
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task A_writer_takes_leaves_in_order_and_in_full_only()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(Leaf + 9);
        await using var writer = await store.BeginAsync(ContractFiles.Certify(content));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await writer.AppendAsync(ContentLeaf.Compute(1, content.AsMemory(Leaf))));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await writer.AppendAsync(ContentLeaf.Compute(0, content.AsMemory(0, 9))));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await writer.CompleteAsync());
        await AppendAsync(writer, content, 2);
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await writer.AppendAsync(ContentLeaf.Compute(2, content.AsMemory(0, 9))));
        await writer.CompleteAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await writer.CompleteAsync());
    }

    [Fact]
    public async Task A_full_store_refuses_and_takes_again_what_fits()
    {
        await using var store = await OpenAsync(capacity: 3 * 1024 * 1024);
        var large = ContractFiles.Content(2 * 1024 * 1024);
        var first = ContractFiles.Certify(large, "first");
        var second = ContractFiles.Certify(large, "second");
        await store.StoreAsync(first, large);
        await Assert.ThrowsAsync<ReplicaStoreFullException>(async () => await store.StoreAsync(second, large));
        await Assert.ThrowsAsync<ReplicaStoreFullException>(async () => await store.BeginAsync(second));
        Assert.True(store.Usage.FreeBytes is > 0 and < 1024 * 1024);
        var used = store.Usage.UsedBytes;
        await store.StoreAsync(ContractFiles.Certify([1], "small"), new byte[] { 1 });
        Assert.True(store.Usage.UsedBytes > used);
        Assert.True(await store.DeleteAsync(first.FileId));
        await store.StoreAsync(second, large);
        Assert.Equal(2, store.Usage.Count);
    }

    [Fact]
    public async Task What_is_being_written_counts_as_far_as_it_has_come()
    {
        await using var store = await OpenAsync(capacity: 3 * 1024 * 1024);
        var large = ContractFiles.Content(2 * 1024 * 1024);
        await using var writer = await store.BeginAsync(ContractFiles.Certify(large, "first"));
        Assert.InRange(store.Usage.UsedBytes, 0, Leaf);
        await AppendAsync(writer, large, 5);
        Assert.InRange(store.Usage.UsedBytes, 5 * Leaf, 6 * Leaf);
        await Assert.ThrowsAsync<ReplicaStoreFullException>(async () => await store.BeginAsync(ContractFiles.Certify(large, "second")));
    }

    [Fact]
    public async Task Of_two_that_fit_one_by_one_the_one_that_finds_no_room_for_its_rest_gives_its_own_back()
    {
        await using var store = await OpenAsync(capacity: 3 * 1024 * 1024);
        var large = ContractFiles.Content(2 * 1024 * 1024);
        var (kept, given) = (ContractFiles.Certify(large, "kept"), ContractFiles.Certify(large, "given up"));
        await using var first = await store.BeginAsync(kept);
        await using var second = await store.BeginAsync(given);
        await AppendAsync(second, large, 5);
        await Assert.ThrowsAsync<ReplicaStoreFullException>(async () => await AppendAsync(first, large, 8));
        await second.DiscardAsync();
        await AppendAsync(first, large, 8);
        await first.CompleteAsync();
        await AssertHoldsAsync(store, kept, large);
        Assert.InRange(store.Usage.UsedBytes, large.Length, large.Length + Leaf);
    }

    [Fact]
    public async Task A_deleted_replica_is_gone_and_its_space_is_free()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(1000);
        var certificate = ContractFiles.Certify(content);
        Assert.False(await store.DeleteAsync(certificate.FileId));
        await store.StoreAsync(certificate, content);
        await using var open = (await store.OpenReadAsync(certificate.FileId))!;
        Assert.True(await store.DeleteAsync(certificate.FileId));
        Assert.False(store.Contains(certificate.FileId));
        Assert.Null(await store.OpenReadAsync(certificate.FileId));
        Assert.Equal(ReplicaCondition.Missing, await store.VerifyAsync(certificate.FileId));
        Assert.Equal((0, 0L), (store.Usage.Count, store.Usage.UsedBytes));

        var read = new byte[1000];
        Assert.Equal(1000, await open.ReadAsync(0, read));
        Assert.Equal(content, read);
    }

    [Fact]
    public async Task A_damaged_leaf_is_not_given_out_and_scrubbing_puts_the_replica_aside()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(3 * Leaf);
        var certificate = ContractFiles.Certify(content);
        await store.StoreAsync(certificate, content);
        Corrupt(store, certificate, Leaf + 17);
        await using (var open = (await store.OpenReadAsync(certificate.FileId))!)
        {
            var read = new byte[Leaf];
            await open.ReadLeafAsync(0, read);
            Assert.True(content.AsSpan(0, Leaf).SequenceEqual(read));
            var failure = await Assert.ThrowsAsync<ReplicaCorruptException>(async () => await open.ReadLeafAsync(1, read));
            Assert.Equal(certificate.FileId, failure.FileId);
            Assert.All(read, value => Assert.Equal(0, value));
            await Assert.ThrowsAsync<ReplicaCorruptException>(async () => await open.ReadAsync(Leaf - 5, new byte[10]));
        }

        Assert.Equal(ReplicaCondition.Corrupt, await store.VerifyAsync(certificate.FileId));
        Assert.False(store.Contains(certificate.FileId));
        Assert.Equal(0, store.Usage.UsedBytes);
        Assert.Equal(ReplicaCondition.Missing, await store.VerifyAsync(certificate.FileId));
        await store.StoreAsync(certificate, content);
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task Ids_are_listed_in_the_order_of_the_ring_page_by_page()
    {
        await using var store = await OpenAsync();
        var ids = new SortedSet<FileId>();
        var counts = new Dictionary<FileId, int>();
        for (var file = 0; file < 100; file++)
        {
            var certificate = ContractFiles.Certify([1], $"file {file}", replicas: file % FileCertificate.ReplicaCountMax + 1);
            await store.StoreAsync(certificate, new byte[] { 1 });
            ids.Add(certificate.FileId);
            counts.Add(certificate.FileId, certificate.ReplicaCount);
        }

        var random = new Random(4);
        for (var round = 0; round < 100; round++)
        {
            var range = round == 0 ? KeyRange.All : new KeyRange(RandomKey(random), RandomKey(random));
            var expected = ids.Where(id => range.Contains(id.RoutingKey)).OrderBy(id => range.First.ClockwiseTo(id.RoutingKey)).ThenBy(id => id);
            var page = new StoredReplica[random.Next(1, 40)];
            var listed = new List<FileId>();
            for (int count; (count = store.List(range, listed.Count == 0 ? null : listed[^1], page)) > 0;)
            {
                listed.AddRange(page[..count].Select(replica => replica.FileId));
                Assert.All(page[..count], replica => Assert.Equal(counts[replica.FileId], replica.ReplicaCount));
            }

            Assert.Equal(expected, listed);
        }
    }

    [Fact]
    public async Task Listing_goes_on_after_an_id_that_is_gone()
    {
        await using var store = await OpenAsync();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await store.StoreAsync(ContractFiles.Certify([1], name), new byte[] { 1 });
        }

        var all = new StoredReplica[3];
        Assert.Equal(3, store.List(KeyRange.All, null, all));
        await store.DeleteAsync(all[1].FileId);
        var rest = new StoredReplica[3];
        Assert.Equal(1, store.List(KeyRange.All, all[1].FileId, rest));
        Assert.Equal(all[2], rest[0]);
    }

    [Fact]
    public async Task Any_range_of_bytes_is_read()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(66 * Leaf + 100);
        var certificate = ContractFiles.Certify(content);
        await store.StoreAsync(certificate, content);
        await using var open = (await store.OpenReadAsync(certificate.FileId))!;
        var random = new Random(9);
        await Parallel.ForAsync(0, 60, async (_, cancellation) =>
        {
            var (offset, read) = (0, Array.Empty<byte>());
            lock (random)
            {
                offset = random.Next(content.Length + 1);
                read = new byte[random.Next(3 * Leaf)];
            }

            var count = await open.ReadAsync(offset, read, cancellation);
            Assert.Equal(Math.Min(read.Length, content.Length - offset), count);
            Assert.True(content.AsSpan(offset, count).SequenceEqual(read.AsSpan(0, count)));
        });
    }

    [Fact]
    public async Task Open_content_leads_to_the_certificates_root()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(130 * Leaf);
        var certificate = ContractFiles.Certify(content);
        await store.StoreAsync(certificate, content);
        await using var open = (await store.OpenReadAsync(certificate.FileId))!;
        Assert.Equal(certificate, open.Certificate);
        var tree = ContentTree.Compute(content);
        Assert.Equal(tree.SegmentRoots.ToArray(), open.SegmentRoots.ToArray());
        for (var segment = 0; segment < 3; segment++)
        {
            Assert.Equal(tree.LeafHashesOf(segment).ToArray(), (await open.ReadLeafHashesAsync(segment)).ToArray());
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await open.ReadLeafHashesAsync(3));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await open.ReadLeafAsync(130, new byte[Leaf]));
    }

    [Fact]
    public async Task Many_write_read_and_delete_at_the_same_time()
    {
        await using var store = await OpenAsync();
        await Parallel.ForAsync(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (file, cancellation) =>
        {
            var content = ContractFiles.Content(1000 + file, seed: file);
            var certificate = ContractFiles.Certify(content, $"file {file}");
            await store.StoreAsync(certificate, content, cancellation);
            await AssertHoldsAsync(store, certificate, content);
            if (file % 2 == 0)
            {
                Assert.True(await store.DeleteAsync(certificate.FileId, cancellation));
            }
        });
        Assert.Equal(32, store.Usage.Count);
    }

    [Fact]
    public async Task Of_many_who_store_one_file_one_succeeds()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(1000);
        var certificate = ContractFiles.Certify(content);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            try
            {
                await Task.Yield();
                await store.StoreAsync(certificate, content);
                return true;
            }
            catch (ReplicaExistsException)
            {
                return false;
            }
        }));
        Assert.Single(outcomes, stored => stored);
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task A_cancelled_call_changes_nothing()
    {
        await using var store = await OpenAsync();
        var content = ContractFiles.Content(10);
        var certificate = ContractFiles.Certify(content);
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.StoreAsync(certificate, content, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.BeginAsync(certificate, cancelled));
        Assert.Equal(0, store.Usage.UsedBytes);
        await store.StoreAsync(certificate, content);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await store.DeleteAsync(certificate.FileId, cancelled));
        await AssertHoldsAsync(store, certificate, content);
    }

    [Fact]
    public async Task A_disposed_store_says_so()
    {
        var store = await OpenAsync();
        await store.DisposeAsync();
        var certificate = ContractFiles.Certify([1]);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.StoreAsync(certificate, new byte[] { 1 }));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.BeginAsync(certificate));
        await store.DisposeAsync();
    }

    /// <summary>
    /// Opens a store that remembers no more than so many files that owners have taken back; null, the default, where it can't be told how many, and nothing of that is tested.
    /// </summary>
    protected virtual Task<IReplicaStore?> OpenRememberingAsync(int reclaimsMax) => Task.FromResult<IReplicaStore?>(null);

    /// <summary>Opens the store that is tested, empty the first time. It is disposed of before it is opened again.</summary>
    /// <param name="capacity">How many bytes it takes.</param>
    protected abstract Task<IReplicaStore> OpenAsync(long capacity = 1L << 30);

    /// <summary>Flips a bit of stored content.</summary>
    protected abstract void Corrupt(IReplicaStore store, FileCertificate certificate, int offset);

    internal static async Task AppendAsync(IReplicaWriter writer, byte[] content, int end)
    {
        var layout = writer.Certificate.Layout;
        while (writer.NextLeaf < end)
        {
            var bytes = content.AsMemory((int)ContentLayout.OffsetOf(writer.NextLeaf), layout.LengthOf(writer.NextLeaf));
            await writer.AppendAsync(ContentLeaf.Compute(writer.NextLeaf, bytes));
        }
    }

    internal static async Task AssertHoldsAsync(IReplicaStore store, FileCertificate certificate, byte[] content)
    {
        await using var open = await store.OpenReadAsync(certificate.FileId);
        Assert.NotNull(open);
        Assert.Equal(certificate, open.Certificate);
        var read = new byte[content.Length + 1];
        Assert.Equal(content.Length, await open.ReadAsync(0, read));
        Assert.True(content.AsSpan().SequenceEqual(read.AsSpan(0, content.Length)));
        await open.ReadLeafAsync(certificate.Layout.LeafCount - 1, new byte[Leaf]);
    }

    private static NodeId RandomKey(Random random)
    {
        var bytes = new byte[NodeId.ByteLength];
        random.NextBytes(bytes);
        return NodeId.FromBytes(bytes);
    }

    private static async Task<FileId> TakeBackAsync(IReplicaStore store, SigningKey owner, string name, bool isHeld = false)
    {
        byte[] content = [1, 2, 3];
        var certificate = FileCertificate.Create(name, owner, ContentTree.Compute(content), 3, [1], DateTimeOffset.UnixEpoch);
        if (isHeld)
        {
            await store.StoreAsync(certificate, content);
        }

        await store.ReclaimAsync(await ReclaimCertificate.CreateAsync(certificate, owner, DateTimeOffset.UnixEpoch), DateTimeOffset.UnixEpoch);
        return certificate.FileId;
    }
}
