using P2P.Pastry;
using P2P.Pastry.Transport;

namespace HelloOverlay.Tests;

/// <summary>The same application on live nodes, in memory.</summary>
public sealed class LiveDictionaryTests
{
    [Fact]
    public async Task Values_put_through_one_node_are_found_through_the_others()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var network = new InMemoryNetwork();
        var nodes = new List<PastryNode>();
        var dictionaries = new List<SharedDictionary>();
        for (var count = 0; count < 4; count++)
        {
            dictionaries.Add(new SharedDictionary());
            var options = new PastryNodeOptions { Transport = network.CreateTransport, Modules = { dictionaries[^1] } };
            nodes.ForEach(node => options.Bootstraps.Add(node.Handle.Address));
            nodes.Add(await PastryNode.StartAsync(options, limit.Token));
            await nodes[^1].WhenReadyAsync(limit.Token);
        }

        foreach (var name in (string[])["apple", "pear", "quince"])
        {
            await dictionaries[0].PutAsync(name, $"the value of {name}").WaitAsync(limit.Token);
            foreach (var dictionary in dictionaries)
            {
                Assert.Equal($"the value of {name}", await dictionary.GetAsync(name).WaitAsync(limit.Token));
            }
        }

        Assert.Null(await dictionaries[1].GetAsync("never put").WaitAsync(limit.Token));
        foreach (var node in nodes)
        {
            await node.DisposeAsync();
        }

        await Assert.ThrowsAsync<PastryException>(() => dictionaries[0].GetAsync("apple"));
    }
}
