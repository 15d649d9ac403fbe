using P2P.Past;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Past.Tests.Hosting;

/// <summary>Nodes of one process: what they say of the failure domain that they share, and where replicas lie then.</summary>
public sealed class FailureDomainTests
{
    [Fact]
    public async Task Nodes_of_one_host_share_a_domain_and_hold_no_two_replicas_while_there_are_other_hosts()
    {
        var network = new InMemoryNetwork();
        await using var other = await PastryHost.StartAsync(network.CreateTransport());
        await using var third = await PastryHost.StartAsync(network.CreateTransport());
        await using var crowded = await PastryHost.StartAsync(network.CreateTransport());
        var stores = new List<(PastryNode Node, PastStore Store)>();
        foreach (var host in (PastryHost[])[other, third, crowded, crowded, crowded, crowded])
        {
            var store = new PastStore(new() { Replicas = new MemoryReplicaStore(1L << 30) });
            var options = new PastryNodeOptions { Identity = new NodeIdentity(SigningKey.Create(), Incarnation: 1), Modules = { store }, Host = host };
            foreach (var (known, _) in stores.Take(1))
            {
                options.Bootstraps.Add(known.Handle.Address);
            }

            var node = await PastryNode.StartAsync(options);
            await node.WhenReadyAsync();
            stores.Add((node, store));
        }

        Assert.Equal([1, 1, 4], stores.GroupBy(member => member.Node.Handle.FailureDomain).Select(domain => domain.Count()));
        for (var i = 0; i < 20; i++)
        {
            var result = await stores[i % stores.Count].Store.InsertAsync(
                $"file {i}", TestFiles.Owner, ContentSource.FromBytes(TestFiles.Content(1000, i)), new InsertOptions { ReplicaCount = 3 });
            var stored = Assert.IsType<InsertResult.Stored>(result);
            var holders = stores.Where(member => member.Store.Replicas.Contains(stored.FileId)).ToArray();
            Assert.Equal(3, holders.Select(holder => holder.Node.Handle.FailureDomain).Distinct().Count());
        }
    }

    [Fact]
    public async Task A_named_domain_is_shared_by_the_hosts_that_name_it()
    {
        var network = new InMemoryNetwork();
        Assert.Equal(await DomainOfAsync(network.CreateTransport("cellar")), await DomainOfAsync(network.CreateTransport("cellar")));
        Assert.Equal(await DomainOfAsync(network.CreateTransport("cellar")), await DomainOfAsync(Tcp("cellar")));
        Assert.NotEqual(await DomainOfAsync(Tcp("cellar")), await DomainOfAsync(Tcp("attic")));
        Assert.NotEqual(await DomainOfAsync(Tcp(null)), await DomainOfAsync(Tcp(null)));

        static TcpTransport Tcp(string? domain) => new(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)], FailureDomain = domain });
    }

    private static async Task<ulong> DomainOfAsync(ITransport transport)
    {
        await using var host = await PastryHost.StartAsync(transport);
        await using var node = await PastryNode.StartAsync(new() { Host = host });
        return node.Handle.FailureDomain;
    }
}
