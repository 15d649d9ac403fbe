using P2P.YouServ;

namespace YouSearch.Tests.Sites;

public sealed class NeighbourTests
{
    [Fact]
    public async Task A_machine_that_carries_another_answers_for_both_over_connections_of_their_own()
    {
        await using var village = await SearchVillage.StartAsync(coordinator: options => options.PeerNetworks.Add(System.Net.IPNetwork.Parse("127.0.0.0/8")));
        var joe = await village.AddAsync("joe", peer: options => options.IsProxy = true);
        var bob = await village.AddAsync("bob", peer: options => options.Addresses.Add(System.Net.IPAddress.Parse("127.0.0.99")));
        var alice = await village.AddAsync("alice");
        foreach (var neighbour in new[] { joe, bob })
        {
            await neighbour.OpenAsync("", Audience.Everyone);
            await neighbour.WriteAsync("note.txt", $"The umbrella of {neighbour.User}.");
        }

        Assert.Equal("joe.userv.localhost", bob.Peer.Status.ProxyHost);
        foreach (var query in new[] { "umbrella site:bob", "umbrella site:joe", "umbrella", "umbrella site:bob", "umbrella" })
        {
            var found = await alice.Search.FindAsync(query, new() { UsesCache = false });
            Assert.Equal(query.Contains("site:", StringComparison.Ordinal) ? 1 : 2, found.Hits.Count);
            Assert.Empty(found.SilentSites);
        }
    }
}
