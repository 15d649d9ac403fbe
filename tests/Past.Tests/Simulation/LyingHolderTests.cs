using P2P.Past;
using P2P.Past.Simulation;

namespace Past.Tests.Simulation;

/// <summary>Nodes that sign for replicas that they do not keep.</summary>
public class LyingHolderTests
{
    private const int Nodes = 24;
    private const int Liars = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Who_acknowledges_without_storing_hides_no_file_that_another_holds(ulong seed)
    {
        var made = 0;
        var past = new PastSimulation(new()
        {
            Overlay = new() { Seed = seed, Pastry = PastWorld.Quick },
            WrapDisk = disk => made++ % (Nodes / Liars) == 0 ? new KeepsNothing(disk) : disk,
            Cache = null,
        });
        Assert.True(past.Grow(Nodes), $"seed {seed}: nodes did not become ready");
        var contents = Enumerable.Range(0, 40).Select(i => TestFiles.Content(1000, i)).ToArray();
        var files = past.Run(
            async () =>
            {
                var stored = new List<FileId>();
                foreach (var content in contents)
                {
                    // The receipts are as good as others: nobody can tell.
                    var result = await past.AnyStore().InsertAsync($"file {stored.Count}", TestFiles.Owner, ContentSource.FromBytes(content));
                    Assert.Equal(3, Assert.IsType<InsertResult.Stored>(result).Receipts.Length);
                    stored.Add(result.FileId);
                }

                return stored;
            },
            TimeSpan.FromHours(1));
        Assert.Contains(files, file => past.HoldersOf(file).Count < 3);

        // Another of those that signed fails, and who needs the file gets it all the same as long as one has kept it.
        var victim = past.Overlay.ReadyNodes.MaxBy(node => past.DiskOf(node).Usage.Count)!;
        victim.Crash();
        past.Overlay.Run(TimeSpan.FromMinutes(1));
        var kept = Enumerable.Range(0, files.Count).Where(i => past.HoldersOf(files[i]).Count > 0).ToArray();
        Assert.NotEmpty(kept);
        past.Run(
            async () =>
            {
                foreach (var i in kept)
                {
                    var result = await past.AnyStore().LookupAsync(files[i]);
                    Assert.True(result is LookupResult.Found, $"seed {seed}: {result} for {files[i]:s}, held by {past.HoldersOf(files[i]).Count}");
                    using var read = new MemoryStream();
                    await ((LookupResult.Found)result).File.CopyToAsync(read);
                    Assert.Equal(contents[i], read.ToArray());
                }
            },
            TimeSpan.FromHours(1));
    }

    private sealed class KeepsNothing(IReplicaStore disk) : StoreDecorator(disk)
    {
        private readonly HashSet<FileId> _claimed = [];

        public override bool Contains(FileId fileId) => _claimed.Contains(fileId);

        public override ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
        {
            _claimed.Add(certificate.FileId);
            return ValueTask.CompletedTask;
        }
    }
}
