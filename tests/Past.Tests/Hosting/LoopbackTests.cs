using P2P.Past;
using P2P.Pastry;

namespace Past.Tests.Hosting;

/// <summary>PAST over TCP and TLS while holders die, disks rot, sources change and users give up.</summary>
public sealed class LoopbackTests : IDisposable
{
    private const int Large = 5 * 1024 * 1024 + 77;

    private static readonly SigningKey Owner = SigningKey.Create();

    private readonly CancellationTokenSource _limit = new(LoopbackRing.Patience);

    public void Dispose() => _limit.Dispose();

    [Theory]
    [InlineData(1000)]
    [InlineData(Large)]
    public async Task File_is_found_and_repaired_after_two_of_its_three_holders_were_killed(int length)
    {
        await using var ring = await LoopbackRing.StartAsync(7);
        var content = TestFiles.Content(length);
        var stored = await StoreAsync(ring, content);
        var holders = ring.HoldersOf(stored.FileId);
        Assert.Equal(3, holders.Count);
        await holders[0].KillAsync();
        await holders[1].KillAsync();

        var reader = ring.Members.First(member => member.IsUp && member != holders[2]);
        var found = await LookupAsync(reader, stored.FileId);
        Assert.Equal(content, await found.File.ReadAllBytesAsync(_limit.Token));
        await ring.UntilAsync(() => ring.HoldersOf(stored.FileId).Count == 3, _limit.Token);
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1000, true)]
    [InlineData(Large, false)]
    [InlineData(Large, true)]
    public async Task Replica_damaged_on_disk_is_put_aside_and_fetched_anew(int length, bool scrubbed)
    {
        using var directory = new TemporaryDirectory();
        await using var ring = await LoopbackRing.StartAsync(4, i => OpenStore(directory, i));
        var content = TestFiles.Content(length);
        var stored = await StoreAsync(ring, content);
        var holder = ring.HoldersOf(stored.FileId)[0];
        FlipLastByte(directory, ring.Members.ToList().IndexOf(holder), stored.FileId);

        if (scrubbed)
        {
            Assert.Equal([stored.FileId], await holder.Past.ScrubAsync(_limit.Token));
        }
        else
        {
            // The damaged holder itself looks up: it answers first, and must not give out what is damaged.
            var found = await LookupAsync(holder, stored.FileId);
            Assert.Equal(content, await found.File.ReadAllBytesAsync(_limit.Token));
        }

        await ring.UntilAsync(() => Quarantined(directory).Length == 1, _limit.Token);
        await ring.UntilAsync(() => holder.Past.Replicas.Contains(stored.FileId), _limit.Token);
        Assert.Equal(ReplicaCondition.Intact, await holder.Past.Replicas.VerifyAsync(stored.FileId, _limit.Token));
    }

    [Fact]
    public async Task Large_damaged_replica_is_noticed_by_who_reads_it_and_the_reader_goes_on_elsewhere()
    {
        using var directory = new TemporaryDirectory();
        await using var ring = await LoopbackRing.StartAsync(4, i => OpenStore(directory, i));
        var content = TestFiles.Content(Large);
        var stored = await StoreAsync(ring, content);
        var reader = ring.Members.Single(member => !member.Past.Replicas.Contains(stored.FileId));
        var damaged = ring.HoldersOf(stored.FileId);
        foreach (var holder in damaged.Take(2))
        {
            FlipLastByte(directory, ring.Members.ToList().IndexOf(holder), stored.FileId);
        }

        var found = await LookupAsync(reader, stored.FileId);
        Assert.Equal(content, await found.File.ReadAllBytesAsync(_limit.Token));
        await ring.UntilAsync(() => Quarantined(directory).Length >= 1 || ring.HoldersOf(stored.FileId).Count == 3, _limit.Token);
        await ring.UntilAsync(() => ring.HoldersOf(stored.FileId).Count == 3, _limit.Token);
    }

    [Fact]
    public async Task Insert_cancelled_midway_is_indeterminate_and_can_be_resumed()
    {
        await using var ring = await LoopbackRing.StartAsync(5);
        var content = TestFiles.Content(Large);
        var source = new GatedSource(content, gate: Large / 2);
        using var cancelling = new CancellationTokenSource();
        var progress = new Progress();
        var hashed = await ContentTree.ComputeAsync(source);
        Assert.Equal(Large, hashed.Layout.Length);

        var certificate = FileCertificate.Create("cancelled", Owner, hashed, 3, [1], DateTimeOffset.UtcNow);
        source.Close();
        var insert = ring.Members[0].Past.ResumeInsertAsync(certificate, new HashedThenGated(content, source), progress, cancelling.Token).AsTask();
        await source.Reached.WaitAsync(_limit.Token);
        await cancelling.CancelAsync();
        var indeterminate = Assert.IsType<InsertResult.Indeterminate>(await insert.WaitAsync(_limit.Token));
        Assert.Empty(indeterminate.Receipts);

        source.Open();
        var result = await ring.Members[0].Past.ResumeInsertAsync(indeterminate.Certificate, source, progress, _limit.Token);
        Assert.IsType<InsertResult.Stored>(result);
        Assert.Equal(3, ring.HoldersOf(certificate.FileId).Count);
        Assert.Equal(new InsertProgress(3, 3), progress.Last);
        var found = await LookupAsync(ring.Members[1], certificate.FileId);
        Assert.Equal(content, await found.File.ReadAllBytesAsync(_limit.Token));
    }

    [Fact]
    public async Task Reader_whose_source_dies_goes_on_with_another_holder()
    {
        await using var ring = await LoopbackRing.StartAsync(6);
        var content = TestFiles.Content(40 * 1024 * 1024);
        var stored = await StoreAsync(ring, content);
        var reader = ring.Members.First(member => !member.Past.Replicas.Contains(stored.FileId));
        var found = await LookupAsync(reader, stored.FileId);
        await using var stream = found.File.OpenRead();
        var read = new byte[content.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 1024 * 1024), _limit.Token);
        foreach (var holder in ring.HoldersOf(stored.FileId).Take(2))
        {
            await holder.KillAsync();
        }

        await stream.ReadExactlyAsync(read.AsMemory(1024 * 1024), _limit.Token);
        Assert.Equal(content, read);
        Assert.Equal(0, await stream.ReadAsync(read, _limit.Token));
    }

    [Fact]
    public async Task Content_is_read_from_any_place()
    {
        await using var ring = await LoopbackRing.StartAsync(4);
        foreach (var length in (int[])[1000, Large, 8 * ContentLayout.LeafSize])
        {
            var content = TestFiles.Content(length);
            var stored = await StoreAsync(ring, content);
            var reader = ring.Members.First(member => !member.Past.Replicas.Contains(stored.FileId));
            var found = await LookupAsync(reader, stored.FileId);
            foreach (var offset in (int[])[0, 1, 999, length / 2, length / 2 / ContentLayout.LeafSize * ContentLayout.LeafSize, length - 1, length])
            {
                await using var stream = found.File.OpenRead(offset);
                using var rest = new MemoryStream();
                await stream.CopyToAsync(rest, _limit.Token);
                Assert.True(content.AsSpan(offset).SequenceEqual(rest.ToArray()), $"{length} from {offset}: {rest.Length} bytes");
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => found.File.OpenRead(length + 1L));
        }
    }

    [Fact]
    public async Task Read_that_was_cancelled_goes_on_where_it_stopped()
    {
        await using var ring = await LoopbackRing.StartAsync(4);
        var content = TestFiles.Content(Large);
        var stored = await StoreAsync(ring, content);
        var found = await LookupAsync(ring.Members.First(member => !member.Past.Replicas.Contains(stored.FileId)), stored.FileId);
        await using var stream = found.File.OpenRead();
        var read = new byte[content.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, ContentLayout.LeafSize), _limit.Token);
        using var cancelled = new CancellationTokenSource();
        var reading = stream.ReadAsync(read.AsMemory(ContentLayout.LeafSize, 1), cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        var count = 0;
        try
        {
            count = await reading;
        }
        catch (OperationCanceledException)
        {
            // Whether the read or its cancellation is first does not matter here.
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stream.ReadAsync(read.AsMemory(), cancelled.Token).AsTask());
        await stream.ReadExactlyAsync(read.AsMemory(ContentLayout.LeafSize + count), _limit.Token);
        Assert.Equal(content, read);
    }

    [Fact]
    public async Task Reader_learns_that_all_holders_are_gone_and_not_that_the_content_ended()
    {
        await using var ring = await LoopbackRing.StartAsync(5);
        var content = TestFiles.Content(40 * 1024 * 1024);
        var stored = await StoreAsync(ring, content);
        var found = await LookupAsync(ring.Members.First(member => !member.Past.Replicas.Contains(stored.FileId)), stored.FileId);
        await using var stream = found.File.OpenRead();
        var read = new byte[content.Length];
        await stream.ReadExactlyAsync(read.AsMemory(0, 1024), _limit.Token);
        foreach (var holder in ring.HoldersOf(stored.FileId))
        {
            await holder.KillAsync();
        }

        var exception = await Assert.ThrowsAsync<PastException>(() => stream.ReadExactlyAsync(read, _limit.Token).AsTask());
        Assert.Contains("No holder gives", exception.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PastException>(() => stream.ReadAsync(read, _limit.Token).AsTask());
    }

    [Fact]
    public async Task Content_that_changes_while_it_is_inserted_fails_the_insert()
    {
        await using var ring = await LoopbackRing.StartAsync(4);
        var content = TestFiles.Content(Large);
        var changed = (byte[])content.Clone();
        changed[^1] ^= 1;
        var exception = await Assert.ThrowsAsync<PastException>(
            () => ring.Members[0].Past.InsertAsync("changing", Owner, new Changing(content, changed), cancellationToken: _limit.Token).AsTask());
        Assert.Contains("changed", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Source_that_fails_fails_the_insert()
    {
        await using var ring = await LoopbackRing.StartAsync(4);
        var content = TestFiles.Content(Large);
        var exception = await Assert.ThrowsAsync<PastException>(
            () => ring.Members[0].Past.InsertAsync("failing", Owner, new Changing(content, null), cancellationToken: _limit.Token).AsTask());
        Assert.Contains("can't be read", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Insert_and_lookup_end_with_a_clear_exception_when_their_node_stops(bool politely)
    {
        await using var ring = await LoopbackRing.StartAsync(4);
        var content = TestFiles.Content(Large);
        var source = new GatedSource(content, gate: Large / 2);
        var certificate = FileCertificate.Create("stopped", Owner, ContentTree.Compute(content), 3, [1], DateTimeOffset.UtcNow);
        source.Close();
        var insert = ring.Members[0].Past.ResumeInsertAsync(certificate, new HashedThenGated(content, source), cancellationToken: _limit.Token).AsTask();
        await source.Reached.WaitAsync(_limit.Token);
        if (politely)
        {
            await ring.Members[0].StopAsync();
        }
        else
        {
            await ring.Members[0].KillAsync();
        }

        var failed = await Assert.ThrowsAsync<PastException>(() => insert.WaitAsync(_limit.Token));
        Assert.Contains("stopped", failed.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<PastException>(() => ring.Members[0].Past.LookupAsync(certificate.FileId, _limit.Token).AsTask());
    }

    [Fact]
    public async Task Lookup_can_be_cancelled()
    {
        await using var ring = await LoopbackRing.StartAsync(4);
        var absent = TestFiles.Certify([1]).FileId;
        Assert.IsType<LookupResult.NotFound>(await ring.Members[0].Past.LookupAsync(absent, _limit.Token));

        foreach (var member in ring.Members.Skip(1))
        {
            await member.KillAsync();
        }

        using var cancelling = new CancellationTokenSource();
        var lookup = ring.Members[0].Past.LookupAsync(absent, cancelling.Token).AsTask();
        await cancelling.CancelAsync();
        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => lookup.WaitAsync(_limit.Token));
        Assert.Equal(cancelling.Token, exception.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ring.Members[0].Past.LookupAsync(absent, cancelling.Token).AsTask());
    }

    [Fact]
    public async Task Refusals_reach_the_user()
    {
        await using var ring = await LoopbackRing.StartAsync(3);
        var result = await ring.Members[0].Past.InsertAsync("too few", Owner, ContentSource.FromBytes(new byte[10]), new InsertOptions { ReplicaCount = 4 }, _limit.Token);
        var refused = Assert.IsType<InsertResult.Refused>(result);
        Assert.Equal(StoreRefusal.TooFewNodes, refused.Reason);
        Assert.Contains(ring.Members, member => member.Node.Handle.Equals(refused.By));
    }

    /// <summary>Every replica is a file, which can be found by its name.</summary>
    private static DiskReplicaStore OpenStore(TemporaryDirectory directory, int number) =>
        DiskReplicaStore.OpenAsync(new DiskReplicaStoreOptions { Directory = Path.Combine(directory.Path, $"{number}"), CapacityBytes = 1L << 30, DatabaseContentMax = 0 }).GetAwaiter().GetResult();

    /// <summary>The content stands last in a replica's file.</summary>
    private static void FlipLastByte(TemporaryDirectory directory, int number, FileId file)
    {
        var path = Directory.EnumerateFiles(Path.Combine(directory.Path, $"{number}"), "*", SearchOption.AllDirectories)
            .Single(path => Path.GetFileName(path).Contains($"{file}", StringComparison.Ordinal));
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        stream.Position = stream.Length - 1;
        var last = stream.ReadByte();
        stream.Position = stream.Length - 1;
        stream.WriteByte((byte)(last ^ 1));
    }

    private static string[] Quarantined(TemporaryDirectory directory) =>
        [.. Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories).Where(path => path.Contains("quarantine", StringComparison.Ordinal))];

    private async Task<InsertResult.Stored> StoreAsync(LoopbackRing ring, byte[] content)
    {
        var result = await ring.Members[0].Past.InsertAsync("file", Owner, ContentSource.FromBytes(content), cancellationToken: _limit.Token);
        Assert.True(result is InsertResult.Stored, result.ToString());
        return (InsertResult.Stored)result;
    }

    private async Task<LookupResult.Found> LookupAsync(LoopbackRing.Member member, FileId file) =>
        Assert.IsType<LookupResult.Found>(await member.Past.LookupAsync(file, _limit.Token));

    /// <summary>Gives content from memory for hashing, and from another source after that.</summary>
    private sealed class HashedThenGated(byte[] content, GatedSource source) : IContentSource
    {
        private int _opened;

        public long Length => content.Length;

        public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken = default) =>
            Interlocked.Increment(ref _opened) == 1 ? new(new MemoryStream(content, writable: false)) : source.OpenAsync(offset, cancellationToken);
    }

    /// <summary>Gives one content for hashing and another one, or none, after that.</summary>
    private sealed class Changing(byte[] first, byte[]? then) : IContentSource
    {
        private int _opened;

        public long Length => first.Length;

        public ValueTask<Stream> OpenAsync(long offset, CancellationToken cancellationToken = default)
        {
            var content = Interlocked.Increment(ref _opened) == 1 ? first : then ?? throw new IOException("The disk is gone.");
            return new(new MemoryStream(content, (int)offset, content.Length - (int)offset, writable: false));
        }
    }

    private sealed class Progress : IProgress<InsertProgress>
    {
        public InsertProgress Last { get; private set; }

        public void Report(InsertProgress value) => Last = value;
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("past-loopback").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
