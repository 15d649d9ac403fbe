using P2P.YouServ.Wire;

namespace YouServ.Tests.Coordination;

public sealed class TicketKeyTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private static readonly Ticket Ticket = new()
    {
        Site = "joe.userv.example",
        User = "alice@example.org",
        DisplayName = "Älice",
        Groups = ["staff"],
        SessionId = "1",
        SessionExpires = 2,
        Expires = (Now + Ticket.Lifetime).ToUnixTimeSeconds(),
        Nonce = "n",
        Machine = "m",
    };

    [Fact]
    public void A_site_reads_what_the_coordinator_signed()
    {
        using var key = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        using var site = TicketKey.FromPublic(key.PublicKey);
        Assert.Equivalent(Ticket, site.Read(key.Sign(Ticket), "joe.userv.example", Now));
    }

    [Fact]
    public void Tickets_of_other_sites_other_keys_and_other_times_are_worth_nothing()
    {
        using var key = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        using var other = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var text = key.Sign(Ticket);
        Assert.Null(key.Read(text, "bob.userv.example", Now));
        Assert.Null(other.Read(text, "joe.userv.example", Now));
        Assert.Null(key.Read(text, "joe.userv.example", Now + Ticket.Lifetime));
    }

    [Fact]
    public void A_pass_opens_a_tunnel_at_one_proxy_for_a_minute_and_is_no_ticket()
    {
        using var key = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        using var other = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var pass = new TunnelPass { Host = "alice.userv.example", Proxy = "joe.userv.example", Expires = (Now + TunnelPass.Lifetime).ToUnixTimeSeconds() };
        var text = key.Sign(pass);
        Assert.Equal(pass, key.ReadPass(text, "joe.userv.example", Now));
        Assert.Null(key.ReadPass(text, "bob.userv.example", Now));
        Assert.Null(key.ReadPass(text, "joe.userv.example", Now + TunnelPass.Lifetime));
        Assert.Null(other.ReadPass(text, "joe.userv.example", Now));
        Assert.Null(key.Read(text, "joe.userv.example", Now));
        Assert.Null(key.ReadPass(key.Sign(Ticket), "joe.userv.example", Now));
    }

    [Fact]
    public void No_altered_ticket_is_read()
    {
        using var key = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var text = key.Sign(Ticket);
        for (var i = 0; i < text.Length; i++)
        {
            var altered = text[..i] + (text[i] == 'A' ? 'B' : 'A') + text[(i + 1)..];

            // The last character of base64url has bits that say nothing.
            Assert.True(key.Read(altered, "joe.userv.example", Now) is null || i == text.Length - 1 || text[i + 1] == '.', $"at {i}");
        }

        Assert.All(["", ".", "a.b", "a", new string('a', 100_000), "ä.ä", "=.="], hostile => Assert.Null(key.Read(hostile, "joe.userv.example", Now)));
    }
}
