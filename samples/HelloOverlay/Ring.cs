using P2P.Pastry;
using P2P.Pastry.Transport;

namespace HelloOverlay;

/// <summary>Is a ring of nodes in this process, each with a listener and a key of its own; they could as well be on as many machines.</summary>
internal sealed class Ring : IAsyncDisposable
{
    private readonly List<Member> _live = [];

    /// <summary>The nodes that run.</summary>
    public IReadOnlyList<Member> Live => _live;

    public static async Task<Ring> StartAsync(int count)
    {
        var ring = new Ring();
        for (var number = 1; number <= count; number++)
        {
            var dictionary = new SharedDictionary();
            var options = new PastryNodeOptions
            {
                Modules = { dictionary },
                // Spans so short that a crash is noticed within seconds.
                Protocol = new() { HeartbeatInterval = TimeSpan.FromSeconds(1), LeaseDuration = TimeSpan.FromSeconds(4), ProbeTimeout = TimeSpan.FromSeconds(1) },
                Transport = () => new TcpTransport(new() { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            };
            ring._live.ForEach(member => options.Bootstraps.Add(member.Node.Handle.Address));
            ring._live.Add(new Member(number, await PastryNode.StartAsync(options), dictionary));
            await ring._live[^1].Node.WhenReadyAsync();
        }

        return ring;
    }

    /// <summary>Finds the node that is in charge of a name.</summary>
    public async Task<Member> ClosestAsync(string name)
    {
        var closest = await _live[0].Node.ReplicaSetAsync(NodeId.FromText(name), max: 1);
        return _live.Single(member => member.Node.Handle.Equals(closest[0]));
    }

    /// <summary>Stops a node at once, without a word to anybody.</summary>
    public async Task KillAsync(Member member)
    {
        _live.Remove(member);
        await member.Node.KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var member in _live)
        {
            await member.Node.DisposeAsync();
        }
    }

    /// <summary>Is one node and the application on it.</summary>
    internal sealed record Member(int Number, PastryNode Node, SharedDictionary Dictionary);
}
