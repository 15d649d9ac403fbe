using System.Text;
using P2P.Bloom;
using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

var summary = BlockedBloomFilter.ForCapacity(1000, falsePositiveRate: 0.01);
summary.Add("a file");
if (!BloomFormat.Read<BlockedBloomFilter>(summary.ToBytes()).MayContain("a file"))
{
    Console.Error.WriteLine("A filter has lost what was in it.");
    return 1;
}

// A ring of three nodes on loopback, a small file that travels within messages, and a large one that needs streams.
using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
using var owner = SigningKey.Create();
using var scratch = new Scratch();
var (first, firstNode) = await StartAsync();
await using var firstLife = firstNode;
var (_, secondNode) = await StartAsync(firstNode.Handle.Address);
await using var secondLife = secondNode;
var (third, thirdNode) = await StartAsync(firstNode.Handle.Address, secondNode.Handle.Address);
await using var thirdLife = thirdNode;

foreach (var content in (byte[][])[Encoding.UTF8.GetBytes("hello"), new byte[1_000_000]])
{
    var inserted = await first.InsertAsync("a file", owner, content, cancellationToken: limit.Token);
    var found = await third.LookupAsync(inserted.FileId, limit.Token) as LookupResult.Found;
    var copy = found is null ? null : await found.File.ReadAllBytesAsync(limit.Token);
    if (inserted is not InsertResult.Stored { Receipts.Length: 3 } || !content.AsSpan().SequenceEqual(copy))
    {
        Console.Error.WriteLine($"A file of {content.Length} bytes did not come back: {inserted}.");
        return 1;
    }
}

Console.WriteLine("The packages summarize sets, and store and find files.");
return 0;

async Task<(PastStore Past, PastryNode Node)> StartAsync(params NodeAddress[] bootstraps)
{
    var replicas = await DiskReplicaStore.OpenAsync(new() { Directory = scratch.NewDirectory(), CapacityBytes = 1 << 24 });
    var past = new PastStore(new() { Replicas = replicas });
    var options = new PastryNodeOptions
    {
        Modules = { past },
        Transport = () => new TcpTransport(new() { Listen = [new NodeAddress("127.0.0.1", 0)] }),
    };
    foreach (var bootstrap in bootstraps)
    {
        options.Bootstraps.Add(bootstrap);
    }

    var node = await PastryNode.StartAsync(options, limit.Token);
    await node.WhenReadyAsync(limit.Token);
    return (past, node);
}

internal sealed class Scratch : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("consumer");

    public string NewDirectory() => Path.Combine(_directory.FullName, Path.GetRandomFileName());

    // The nodes, and with them the stores, are closed before.
    public void Dispose() => _directory.Delete(recursive: true);
}
