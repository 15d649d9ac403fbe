using P2P.YouSearch;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace YouSearch.Tests.Registrar;

public sealed class SilentSiteTests
{
    private readonly RegistrarGround _ground = new();

    [Fact]
    public async Task A_site_that_is_found_dead_is_named_no_more_until_it_registers()
    {
        await PrepareAsync();
        _ground.Probe.IsAlive = false;
        await ReportAsync();
        Assert.Equal(["bob"], await _ground.NamesAsync(1));
        Assert.Empty((await _ground.FindAsync(new() { Sites = [RegistrarGround.Site("alice")] })).Candidates);

        var filter = RegistrarGround.Filter(1);
        var (alice, own) = RegistrarGround.Owner("alice");
        Assert.True((await _ground.Registrar.RegisterAsync(alice, own, new() { Site = own!.Value, Generation = 1, Public = new(filter, filter), Members = new(null, null) })).IsKnown);
        var list = await _ground.FindAsync(RegistrarGround.For(1) with { Key = "one" });
        Assert.Equal(["alice", "bob"], RegistrarGround.NamesOf(list));
        Assert.False(list.Candidates.Single(candidate => candidate.Site.Value == "alice").IsCurrentInCache);
        Assert.True(list.Candidates.Single(candidate => candidate.Site.Value == "bob").IsCurrentInCache);
    }

    [Fact]
    public async Task An_answer_that_was_gathered_while_a_site_was_dead_has_nothing_of_it()
    {
        await PrepareAsync();
        _ground.Probe.IsAlive = false;
        await ReportAsync();
        var (bob, own) = RegistrarGround.Owner("bob");
        _ground.Registrar.OfferCached(bob, own, "one", (await _ground.FindAsync(RegistrarGround.For(1))).Sequence);
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1));

        var list = await _ground.FindAsync(RegistrarGround.For(1) with { Key = "one" });
        Assert.NotNull(list.Cache);
        Assert.False(list.Candidates.Single(candidate => candidate.Site.Value == "alice").IsCurrentInCache);
    }

    [Fact]
    public async Task A_site_that_answers_the_registrar_is_named_whatever_is_reported()
    {
        await PrepareAsync();
        await ReportAsync();
        Assert.Equal(["alice", "bob"], await _ground.NamesAsync(1));
    }

    [Fact]
    public async Task One_who_has_not_signed_in_reports_nobody()
    {
        await PrepareAsync();
        await Assert.ThrowsAsync<YouSearchException>(async () => await _ground.Registrar.ReportSilentAsync(Visitor.Anonymous, null, [RegistrarGround.Site("alice")]));
        Assert.Equal(0, _ground.Probe.Count);
    }

    [Fact]
    public async Task A_site_is_looked_for_once_in_ten_seconds()
    {
        await PrepareAsync();
        await ReportAsync();
        await ReportBothAsync();
        _ground.Clock.Advance(TimeSpan.FromSeconds(9));
        await ReportBothAsync();
        Assert.Equal(1, _ground.Probe.Count);
        _ground.Clock.Advance(TimeSpan.FromSeconds(1));
        await ReportAsync();
        Assert.Equal(2, _ground.Probe.Count);
    }

    [Fact]
    public async Task What_is_found_of_one_machine_is_not_held_against_the_next()
    {
        await PrepareAsync();
        var answer = new TaskCompletionSource();
        _ground.Probe.Before = answer.Task;
        _ground.Probe.IsAlive = false;
        var asked = _ground.Probe.AskedAsync();
        var reported = ReportAsync();
        Assert.Equal("alice.userv.example", await asked);
        _ground.Sites.Serve("alice", holder: "bob");
        await _ground.LookAsync();
        answer.SetResult();
        await reported;
        Assert.Equal(["alice", "bob"], await _ground.NamesAsync(1));
    }

    [Fact]
    public void Not_many_sites_are_looked_for_at_once()
    {
        var machine = new RegistrarMachine(new() { ProbesMax = 2 }, 0);
        var reporter = Askers.Of(RegistrarGround.Owner("joe").Visitor, null);
        var sites = Enumerable.Range(0, 10).Select(number => RegistrarGround.Site($"s{number}")).ToArray();
        var output = new RegistrarOutbox();
        foreach (var site in sites)
        {
            var owner = Askers.Of(RegistrarGround.Owner(site.Value).Visitor, site);
            RegistrationMessage message = new() { Site = site, Generation = 1, Public = SummaryNews.Nothing.Instance, Members = SummaryNews.Nothing.Instance };
            var taken = Assert.IsType<Admission.Taken>(machine.Admit(owner, message, default));
            machine.Complete(taken.Site, owner, message, VectorOutcome.Done, VectorOutcome.Done, default, output);
        }

        Assert.Null(machine.ReportSilent(reporter, sites, default, output));
        Assert.Equal(2, output.Probes.Count);
        Assert.Null(machine.ReportSilent(reporter, sites, default, output));
        Assert.Equal(2, output.Probes.Count);

        machine.Probed(output.Probes[0], leaseId: null, isAlive: true);
        Assert.Null(machine.ReportSilent(reporter, sites, default, output));
        Assert.Equal(3, output.Probes.Count);
    }

    private async Task PrepareAsync()
    {
        foreach (var site in (string[])["alice", "bob"])
        {
            _ground.Sites.Serve(site);
            await _ground.LookAsync();
            await _ground.RegisterAsync(site, RegistrarGround.Filter(1));
        }

        var (bob, own) = RegistrarGround.Owner("bob");
        _ground.Registrar.OfferCached(bob, own, "one", (await _ground.FindAsync(RegistrarGround.For(1))).Sequence);
    }

    private async Task ReportBothAsync() => await _ground.Registrar.ReportSilentAsync(RegistrarGround.Owner("joe").Visitor, null, [RegistrarGround.Site("alice"), RegistrarGround.Site("nobody")]);

    private async Task ReportAsync()
    {
        await ReportBothAsync();
        await _ground.Registrar.ProbedAsync();
    }
}
