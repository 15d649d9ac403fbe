using P2P.YouServ.Storage;
using P2P.YouServ.Wire;

namespace YouServ.Tests.Storage;

public sealed class VisitBookTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(56);

    [Fact]
    public async Task A_session_that_was_revoked_begins_no_visit_with_a_ticket_from_before()
    {
        using var folder = new TemporaryFolder();
        await using var database = await SiteDatabase.OpenAsync(folder.In("site.db"));
        var visits = await VisitBook.OpenAsync(database);
        await visits.RevokeAsync(["stolen"], 1, Now);
        Assert.True(visits.IsRevoked("stolen"));
        Assert.Null(await visits.BeginAsync(NewTicket("alice@example.org", "stolen"), Now));
        Assert.NotNull(await visits.BeginAsync(NewTicket("alice@example.org", "own"), Now));

        // Tickets from before have ended long since.
        await visits.RevokeAsync(["another"], 2, Now.AddHours(2));
        Assert.False(visits.IsRevoked("stolen"));
    }

    [Fact]
    public async Task Nobody_takes_the_places_of_others_by_signing_in_again_and_again()
    {
        using var folder = new TemporaryFolder();
        await using var database = await SiteDatabase.OpenAsync(folder.In("site.db"));
        var visits = await VisitBook.OpenAsync(database);
        var alice = await visits.BeginAsync(NewTicket("alice@example.org", "hers"), Now);
        var others = new List<string?>();
        for (var i = 0; i < 150; i++)
        {
            others.Add(await visits.BeginAsync(NewTicket("mallory@example.org", "his", i), Now));
        }

        Assert.Equal(100, others.Count(secret => visits.Find(secret, Now) is not null));
        Assert.NotNull(visits.Find(others[^1], Now));
        Assert.NotNull(visits.Find(alice, Now));
        var again = await VisitBook.OpenAsync(database);
        Assert.Equal(100, others.Count(secret => again.Find(secret, Now) is not null));
    }

    private static Ticket NewTicket(string user, string session, int later = 0) => new()
    {
        Site = "joe.userv.example",
        User = user,
        DisplayName = user,
        Groups = [],
        SessionId = session,
        SessionExpires = Now.AddHours(12).AddSeconds(later).ToUnixTimeSeconds(),
        Expires = Now.AddMinutes(1).ToUnixTimeSeconds(),
        Nonce = "nonce",
        Machine = "m",
    };
}
