using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;
using YouServ.Tests.Replication;

namespace YouSearch.Tests.Sites;

/// <summary>While an owner's machine is away, whoever keeps a copy answers for the site, under the same rules.</summary>
public sealed class CopyTests
{
    private const string JoesHost = "joe.userv.localhost";

    [Fact]
    public async Task A_copy_answers_for_an_owner_who_is_silent()
    {
        await using var village = await SearchVillage.StartAsync();
        var silence = new Interference(Interference.Silence) { IsOn = false };
        var (_, _, bob, carol) = await SettleAsync(village, silence);
        Assert.Equal(["joe/all.txt", "joe/for-bob/note.txt"], await bob.FindAsync("umbrella"));

        silence.IsOn = true;
        var found = await bob.Search.FindAsync("umbrella");
        Assert.Equal(["joe/all.txt", "joe/for-bob/note.txt"], found.Hits.Select(hit => $"{hit.Site}{hit.Path}").Order(StringComparer.Ordinal));
        Assert.Empty(found.SilentSites);
        Assert.All(found.Hits, hit => Assert.Equal(JoesHost, hit.Url.Host));
        Assert.Equal(["joe/all.txt"], await carol.FindAsync("umbrella"));
    }

    [Fact]
    public async Task A_copy_answers_for_an_owner_who_has_gone_and_the_registrar_keeps_naming_the_site()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice, bob, _) = await SettleAsync(village, new Interference(Interference.Silence) { IsOn = false });
        await joe.Peer.SignOutAsync();
        using var patience = new ReplicaPatience();
        await patience.UntilAsync(async () => (await village.Village.Service.FindSiteAsync(SiteName.Parse("joe")))?.Lease?.Holder is not null);
        Assert.Equal(["joe/all.txt", "joe/for-bob/note.txt"], await bob.FindAsync("umbrella"));
        Assert.Equal(["joe/all.txt"], await alice.FindAsync("umbrella"));
    }

    private static async Task<(Inhabitant Joe, Inhabitant Alice, Inhabitant Bob, Inhabitant Carol)> SettleAsync(SearchVillage village, Interference interference)
    {
        var joe = await village.AddAsync("joe", services: services => services.AddSingleton<IYouServPlugin>(interference));
        var alice = await village.AddAsync("alice");
        await joe.OpenAsync("", Audience.Everyone);
        await joe.OpenAsync("for-bob", Audience.Named, users: ["bob"]);
        await joe.WriteAsync("all.txt", "An umbrella for all.");
        await joe.WriteAsync("for-bob/note.txt", "An umbrella for bob.");

        await joe.Peer.InviteHolderAsync(SiteName.Parse("alice"));
        await alice.Peer.AcceptCopyAsync(SiteName.Parse("joe"));
        using var patience = new ReplicaPatience();
        await patience.UntilAsync(async () => await joe.Peer.GetReplicationAsync() is { Version: { } version, Replicas: [{ Version: var copied }] } && copied == version);
        await alice.Search.WhenFoundAsync();
        await alice.Search.Find(JoesHost)!.LookAsync(CancellationToken.None);
        return (joe, alice, await village.AddAsync("bob", configure: options => options.SiteDeadline = TimeSpan.FromMilliseconds(500)), await village.AddAsync("carol", configure: options => options.SiteDeadline = TimeSpan.FromMilliseconds(500)));
    }
}
