using P2P.Past;

namespace Past.Tests.Hosting;

/// <summary>A holder's disk fails in the middle of an insert.</summary>
public sealed class StorageFailureTests
{
    [Theory]
    [InlineData(1000, true)]
    [InlineData(1000, false)]
    [InlineData(600_000, true)]
    public async Task Holder_whose_disk_fails_says_so_and_serves_on(int length, bool failsAsStoresDo)
    {
        var failing = new FailingStore(() => failsAsStoresDo ? new PastException("The disk failed.") : new IOException("The disk failed."));
        await using var ring = await LoopbackRing.StartAsync(3, i => i == 1 ? failing : new MemoryReplicaStore(1L << 30));
        using var limit = new CancellationTokenSource(LoopbackRing.Patience);
        var source = ContentSource.FromBytes(TestFiles.Content(length));

        failing.Fails = true;
        var refused = Assert.IsType<InsertResult.Refused>(await ring.Members[0].Past.InsertAsync("fails", TestFiles.Owner, source, cancellationToken: limit.Token));
        Assert.Equal(StoreRefusal.StorageFailed, refused.Reason);
        Assert.Equal(ring.Members[1].Node.Handle, refused.By);

        failing.Fails = false;
        Assert.IsType<InsertResult.Stored>(await ring.Members[0].Past.ResumeInsertAsync(refused.Certificate, source, cancellationToken: limit.Token));
    }

    private sealed class FailingStore(Func<Exception> failure) : StoreDecorator(new MemoryReplicaStore(1L << 30))
    {
        public bool Fails { get; set; }

        public override ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default) =>
            Fails ? ValueTask.FromException<IReplicaWriter>(failure()) : base.BeginAsync(certificate, cancellationToken);

        public override ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default) =>
            Fails ? ValueTask.FromException(failure()) : base.StoreAsync(certificate, content, cancellationToken);
    }
}
