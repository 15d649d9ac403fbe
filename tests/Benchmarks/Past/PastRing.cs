using System.Collections.Concurrent;
using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Benchmarks.Past;

/// <summary>
/// Is a ring of PAST nodes in this process, each with its own listener and store. The first node inserts. What the others look up they do not hold, and nobody
/// caches: each lookup goes over the wire.
/// </summary>
internal sealed class PastRing : IAsyncDisposable
{
    private readonly List<(PastryNode Node, PastStore Past)> _nodes = [];
    private readonly ConcurrentQueue<FileCertificate> _inserted = new();
    private readonly SigningKey _owner = SigningKey.Create();
    private FileCertificate[][] _away = [];

    /// <summary>How many nodes look up.</summary>
    public int Clients => _nodes.Count - 1;

    /// <summary>Starts a ring.</summary>
    /// <param name="count">How many nodes.</param>
    /// <param name="openStore">Opens the store of a node by its number.</param>
    public static async Task<PastRing> StartAsync(int count, Func<int, Task<IReplicaStore>> openStore)
    {
        var ring = new PastRing();
        for (var index = 0; index < count; index++)
        {
            var past = new PastStore(new PastStoreOptions { Replicas = await openStore(index), Cache = null });
            var options = new PastryNodeOptions
            {
                Modules = { past },
                Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            };
            if (index > 0)
            {
                options.Bootstraps.Add(ring._nodes[0].Node.Handle.Address);
            }

            var node = await PastryNode.StartAsync(options);
            ring._nodes.Add((node, past));
            await node.WhenReadyAsync();
        }

        return ring;
    }

    /// <summary>Stores content on k = 3 nodes, and keeps its certificate.</summary>
    public async Task InsertAsync(ReadOnlyMemory<byte> content)
    {
        var result = await _nodes[0].Past.InsertAsync("benchmark", _owner, content);
        _inserted.Enqueue(result is InsertResult.Stored stored ? stored.Certificate : throw new InvalidOperationException($"An insert ended otherwise: {result}."));
    }

    /// <summary>Lets what was inserted be looked up.</summary>
    /// <returns>How many files there are that a client does not hold, at the client with the fewest.</returns>
    public int Publish()
    {
        var files = _inserted.ToArray();
        _away = [.. _nodes.Skip(1).Select(node => files.Where(file => !node.Past.Replicas.Contains(file.FileId)).ToArray())];
        return _away.Min(away => away.Length);
    }

    /// <summary>Looks a file up and reads it whole.</summary>
    /// <param name="client">Who asks, below <see cref="Clients"/>.</param>
    /// <param name="file">Which of the files that the client does not hold; numbers beyond them start over.</param>
    public async Task LookUpAsync(int client, int file)
    {
        var away = _away[client];
        var found = await _nodes[1 + client].Past.LookupAsync(away[file % away.Length].FileId) as LookupResult.Found
            ?? throw new InvalidOperationException("What was stored is not found.");
        await found.File.CopyToAsync(Stream.Null);
    }

    /// <summary>Takes all but a few files back, so that their room is free again.</summary>
    public async Task ReclaimAllButAsync(int few)
    {
        while (_inserted.Count > few && _inserted.TryDequeue(out var certificate))
        {
            await _nodes[0].Past.ReclaimAsync(certificate, _owner);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, _) in _nodes)
        {
            await node.KillAsync();
        }

        _owner.Dispose();
    }
}
