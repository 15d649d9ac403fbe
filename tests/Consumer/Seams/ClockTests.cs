using System.Net;
using P2P.Past;
using P2P.Past.Simulation;
using P2P.YouServ;

namespace Consumer.Seams;

public sealed class ClockTests
{
    [Fact]
    public async Task A_sign_in_ends_when_the_clock_says_so()
    {
        using var patience = new Patience();
        using var scratch = new Scratch();
        var clock = new ManualClock(new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var store = await SqliteCoordinatorStore.OpenAsync(scratch["coordinator.db"], clock, patience);
        await using var coordinator = await YouServCoordinator.StartAsync(
            new() { Zone = "clock.localhost", BrowserSessionLifetime = TimeSpan.FromHours(12) },
            new() { Store = store, Dns = new NameBook(), Authenticators = [new BadgeReader()] },
            patience);

        var signedIn = Assert.IsType<SignInResult.SignedIn>(await coordinator.SignInAsync("badge-7", "0000", SessionKind.Browser, "a browser", IPAddress.Loopback, patience));
        clock.Advance(TimeSpan.FromHours(11));
        Assert.Equal(signedIn.Session.Id, (await coordinator.FindSessionAsync(signedIn.Token, SessionKind.Browser, patience))?.Id);
        clock.Advance(TimeSpan.FromHours(2));
        Assert.Null(await coordinator.FindSessionAsync(signedIn.Token, SessionKind.Browser, patience));
    }

    /// <summary>Nodes that gave a file up refuse it for as long as they remember, which takes no time in a simulation.</summary>
    [Fact]
    public void A_file_that_was_taken_back_may_come_again_after_two_days_of_virtual_time()
    {
        var world = new PastSimulation(new() { Overlay = new() { Seed = 5 }, Past = new() { ReclaimRetention = TimeSpan.FromDays(1) } });
        Assert.True(world.Grow(8));
        world.Run(
            async () =>
            {
                var store = world.AnyStore();
                var owner = world.Overlay.NextKey();
                var stored = Assert.IsType<InsertResult.Stored>(await store.InsertAsync("a file", owner, "again"u8.ToArray()));
                Assert.IsType<ReclaimResult.Reclaimed>(await store.ReclaimAsync(stored.FileId, owner));
                Assert.IsNotType<InsertResult.Stored>(await store.ResumeInsertAsync(stored.Certificate, ContentSource.FromBytes("again"u8.ToArray())));

                await Task.Delay(TimeSpan.FromDays(2), world.Overlay.Time);
                Assert.IsType<InsertResult.Stored>(await store.ResumeInsertAsync(stored.Certificate, ContentSource.FromBytes("again"u8.ToArray())));
            },
            limit: TimeSpan.FromDays(10));
    }
}
