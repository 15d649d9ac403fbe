using Consumer.Web;
using P2P.YouServ;

namespace Consumer.Seams;

public sealed class SignInTests
{
    [Fact]
    public async Task People_sign_in_by_an_authenticator_of_one_s_own_and_their_names_stand_with_a_publisher_of_one_s_own()
    {
        using var patience = new Patience();
        var names = new NameBook();
        await using var village = await Village.StartAsync(names, _ => new BadgeReader(), patience);
        var seven = await village.MoveInAsync("seven", patience);
        await Assert.ThrowsAsync<YouServException>(() => seven.Peer.SignInAsync("badge-7", "1111", patience).AsTask());
        await Assert.ThrowsAsync<YouServException>(() => seven.Peer.SignInAsync("seven@example.org", "0000", patience).AsTask());

        await seven.OpenSiteAsync("badge-7", "0000", patience);
        Assert.Equal(["127.0.0.1"], names[seven.Peer.Status.Host]);
        await seven.Peer.SignOutAsync(patience);
        Assert.Empty(names[$"badge-7.{Village.Zone}"]);
    }
}
