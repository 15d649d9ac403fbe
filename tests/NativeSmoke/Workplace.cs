using P2P.Pastry;
using P2P.Pastry.Transport;

namespace NativeSmoke;

/// <summary>Gives a step a folder of its own and a limit of time, and ends what it has started.</summary>
internal sealed class Workplace(TimeSpan limit) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("native-smoke-");
    private readonly CancellationTokenSource _limit = new(limit);

    public CancellationToken Limit => _limit.Token;

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Starts a node with a listener on loopback, and waits until it is part of the ring.</summary>
    public async Task<PastryNode> StartNodeAsync(IPastryModule module, PastryNode? bootstrap = null)
    {
        var options = new PastryNodeOptions
        {
            Modules = { module },
            Transport = () => new TcpTransport(new() { Listen = [new NodeAddress("127.0.0.1", 0)] }),
        };
        if (bootstrap is not null)
        {
            options.Bootstraps.Add(bootstrap.Handle.Address);
        }

        var node = await PastryNode.StartAsync(options, Limit);
        await node.WhenReadyAsync(Limit);
        return node;
    }

    public void Dispose()
    {
        _limit.Dispose();
        _folder.Delete(recursive: true);
    }
}
