using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>An archive inside of a program, in a directory whose name has spaces and letters of all kinds.</summary>
public sealed class EmbeddedRingTests : IDisposable
{
    private readonly CancellationTokenSource _limit = new(LoopbackRing.Patience);

    private string Root { get; } = Path.Combine(Path.GetTempPath(), $"p2p ring ünï 文件 {Path.GetRandomFileName()}");

    public void Dispose()
    {
        _limit.Dispose();
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    [Fact]
    public async Task What_is_stored_is_found_through_every_node_also_after_another_start()
    {
        var (small, large) = (TestFiles.Content(1000, 1), TestFiles.Content(2_000_000, 2));
        FileId[] files;
        NodeId[] nodes;
        await using (var ring = await EmbeddedRing.StartAsync(new() { Directory = Root }, _limit.Token))
        {
            files = [await InsertAsync(ring, "small", small), await InsertAsync(ring, "large", large)];
            nodes = [.. ring.Nodes.Select(node => node.Handle.Id)];
            Assert.Equal(5, nodes.Length);
            Assert.All(files, file => Assert.Equal(3, ring.Stores.Count(store => store.Replicas.Contains(file))));
        }

        await using var again = await EmbeddedRing.StartAsync(new() { Directory = Root }, _limit.Token);
        Assert.Equal(nodes, again.Nodes.Select(node => node.Handle.Id));
        foreach (var store in again.Stores)
        {
            await AssertFoundAsync(store, files[0], small);
            await AssertFoundAsync(store, files[1], large);
        }
    }

    [Fact]
    public async Task Nodes_of_an_earlier_run_start_as_well_since_replicas_may_lie_with_them_only()
    {
        var content = TestFiles.Content(1000);
        FileId file;
        await using (var ring = await EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 3 }, _limit.Token))
        {
            file = await InsertAsync(ring, "file", content);
        }

        await using var again = await EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 1 }, _limit.Token);
        Assert.Equal(3, again.Nodes.Count);
        await AssertFoundAsync(again.Store, file, content);
    }

    [Fact]
    public async Task Folders_that_are_lost_are_begun_anew_and_those_behind_them_are_not_forgotten()
    {
        var content = TestFiles.Content(100_000);
        FileId file;
        int[] holders;
        await using (var ring = await EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 6 }, _limit.Token))
        {
            file = await InsertAsync(ring, "file", content);
            holders = [.. Enumerable.Range(0, 6).Where(index => ring.Stores[index].Replicas.Contains(file))];
        }

        foreach (var lost in holders[..2])
        {
            Directory.Delete(Path.Combine(Root, $"node-{lost}"), recursive: true);
        }

        await using var again = await EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 1 }, _limit.Token);
        Assert.True(again.Nodes.Count > holders[2]);
        await AssertFoundAsync(again.Store, file, content);
    }

    [Fact]
    public async Task Nodes_take_what_they_hold_into_a_ring_elsewhere_and_count_as_one_host_there()
    {
        var content = TestFiles.Content(1000);
        FileId file;
        await using (var alone = await EmbeddedRing.StartAsync(new() { Directory = Root, Pastry = LoopbackRing.Protocol, Nodes = 3 }, _limit.Token))
        {
            file = await InsertAsync(alone, "file", content);
        }

        await using var elsewhere = await LoopbackRing.StartAsync(3);
        await using var ring = await EmbeddedRing.StartAsync(
            new()
            {
                Directory = Root,
                Pastry = LoopbackRing.Protocol,
                Nodes = 3,
                Bootstraps = { elsewhere.Members[0].Node.Handle.Address },
                Tcp = _ => new() { Listen = [new NodeAddress("127.0.0.1", 0)] },
            },
            _limit.Token);
        Assert.Single(ring.Nodes.Select(node => node.Handle.FailureDomain).Distinct());

        // Two of three replicas leave this host for others, and all find the file.
        await elsewhere.UntilAsync(() => elsewhere.HoldersOf(file).Count >= 2, _limit.Token);
        foreach (var member in elsewhere.Members)
        {
            await AssertFoundAsync(member.Past, file, content);
        }
    }

    [Fact]
    public async Task A_ring_with_listeners_is_joined_by_others()
    {
        await using var ring = await EmbeddedRing.StartAsync(
            new() { Directory = Root, Pastry = LoopbackRing.Protocol, Nodes = 2, Tcp = _ => new() { Listen = [new NodeAddress("127.0.0.1", 0)] } }, _limit.Token);
        var past = new PastStore(new() { Replicas = new MemoryReplicaStore(1L << 30) });
        await using var guest = await PastryNode.StartAsync(new()
        {
            Protocol = LoopbackRing.Protocol,
            Bootstraps = { ring.Nodes[0].Handle.Address },
            Modules = { past },
            Transport = () => new TcpTransport(new() { Listen = [new NodeAddress("127.0.0.1", 0)] }),
        });
        await guest.WhenReadyAsync(_limit.Token);
        var content = TestFiles.Content(1000);
        await AssertFoundAsync(past, await InsertAsync(ring, "file", content), content);
    }

    [Fact]
    public async Task A_directory_is_used_by_one_ring_at_a_time()
    {
        await using (await EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 2 }, _limit.Token))
        {
            await Assert.ThrowsAsync<PastException>(() => EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 2 }, _limit.Token));
        }

        await using var again = await EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 2 }, _limit.Token);
        Assert.Equal(2, again.Nodes.Count);
    }

    [Fact]
    public async Task A_start_that_is_cancelled_leaves_nothing_open()
    {
        // A bootstrap that nobody listens at: the nodes would try for ever.
        using var cancellation = new CancellationTokenSource();
        var start = EmbeddedRing.StartAsync(
            new()
            {
                Directory = Root,
                Bootstraps = { new NodeAddress("127.0.0.1", 9) },
                Tcp = _ =>
                {
                    cancellation.Cancel();
                    return new() { Listen = [new NodeAddress("127.0.0.1", 0)] };
                },
            },
            cancellation.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        await using var ring = await EmbeddedRing.StartAsync(new() { Directory = Root, Nodes = 1 }, _limit.Token);
        Assert.Single(ring.Nodes);
    }

    [Theory]
    [InlineData("", 5, 1)]
    [InlineData(" ", 5, 1)]
    [InlineData("data", 0, 1)]
    [InlineData("data", -1, 1)]
    [InlineData("data", 65, 1)]
    [InlineData("data", 5, -1)]
    public async Task Options_outside_of_their_range_are_named_and_nothing_is_made(string folder, int nodes, long capacity)
    {
        var directory = folder == "data" ? Path.Combine(Root, folder) : folder;
        var exception = await Assert.ThrowsAsync<PastException>(
            () => EmbeddedRing.StartAsync(new() { Directory = directory, Nodes = nodes, NodeCapacityBytes = capacity }, _limit.Token));
        Assert.Contains("The option ", exception.Message);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task A_directory_that_is_a_file_is_no_directory()
    {
        Directory.CreateDirectory(Root);
        var path = Path.Combine(Root, "file");
        await File.WriteAllTextAsync(path, "here already");
        await Assert.ThrowsAnyAsync<Exception>(() => EmbeddedRing.StartAsync(new() { Directory = path }, _limit.Token));
        Assert.Equal("here already", await File.ReadAllTextAsync(path));
    }

    private static async Task<FileId> InsertAsync(EmbeddedRing ring, string name, byte[] content)
    {
        var options = new InsertOptions { ReplicaCount = Math.Min(3, ring.Nodes.Count) };
        return Assert.IsType<InsertResult.Stored>(await ring.Store.InsertAsync(name, TestFiles.Owner, ContentSource.FromBytes(content), options)).FileId;
    }

    private static async Task AssertFoundAsync(IPastStore store, FileId file, byte[] content)
    {
        var found = Assert.IsType<LookupResult.Found>(await store.LookupAsync(file));
        using var read = new MemoryStream();
        await found.File.CopyToAsync(read);
        Assert.Equal(content, read.ToArray());
    }
}
