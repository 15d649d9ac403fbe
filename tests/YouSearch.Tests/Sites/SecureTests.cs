using System.Net;
using P2P.YouServ;
using YouServ.Tests.Sites;

namespace YouSearch.Tests.Sites;

public sealed class SecureTests
{
    [SkippableFact]
    public async Task Peers_ask_each_other_by_HTTPS_and_believe_the_zones_authority()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "Listening at port 443 takes rights that this process does not have.");
        await using var village = await SearchVillage.StartAsync(ground: new VillageGround
        {
            IsSecure = true,
            Places = new Dictionary<string, IPAddress> { [""] = IPAddress.Parse("127.0.77.1"), ["joe"] = IPAddress.Parse("127.0.77.2"), ["alice"] = IPAddress.Parse("127.0.77.3") },
        }, coordinator: options => options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8")));
        var (joe, alice) = (await village.AddAsync("joe"), await village.AddAsync("alice"));
        await joe.OpenAsync("", Audience.SignedIn);
        await joe.WriteAsync("note.txt", "A red umbrella.");
        var hit = Assert.Single((await alice.Search.FindAsync("umbrella")).Hits);
        Assert.Equal("https://joe.userv.localhost/note.txt", hit.Url.AbsoluteUri);
    }
}
