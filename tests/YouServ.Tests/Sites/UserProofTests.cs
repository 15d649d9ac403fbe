using System.Text;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;
using P2P.YouServ.Wire;

namespace YouServ.Tests.Sites;

public sealed class UserProofTests
{
    private static readonly byte[] Message = Encoding.UTF8.GetBytes("who has seen my umbrella?");

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-11-29T12:00:00Z", System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public void A_proof_says_who_asked_one_recipient_for_one_thing()
    {
        using var coordinator = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var prover = NewProver(coordinator);
        var reader = new ProofReader(coordinator);
        var proof = prover.Prove("alice.userv.example", Message);

        var read = Read(reader, proof, "alice.userv.example", Message);
        Assert.Equal("joe@example.org", read!.Visitor.User!.Value.Value);
        Assert.Equal(["staff"], read.Visitor.Groups);
        Assert.Equal("joe", read.Site.Value);
        Assert.False(read.Visitor.IsOwner);
        Assert.Null(Read(reader, proof, "mallory.userv.example", Message));
        Assert.Null(Read(reader, proof, "alice.userv.example", Encoding.UTF8.GetBytes("and where is my purse?")));
        Assert.DoesNotContain(proof, c => c is not (>= 'a' and <= 'z' or >= 'A' and <= 'Z' or >= '0' and <= '9' or '-' or '_' or '.' or '~'));
    }

    [Fact]
    public void A_proof_ends_after_minutes_and_does_not_outlive_its_pass()
    {
        using var coordinator = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var prover = NewProver(coordinator);
        var reader = new ProofReader(coordinator);
        var early = prover.Prove("a", Message);
        _clock.Advance(UserProof.AgeMax);
        Assert.Null(Read(reader, early, "a", Message));
        Assert.NotNull(Read(reader, early, "a", Message, UserProof.AgeMax * 2));

        _clock.Advance(UserPass.Lifetime);
        Assert.True(prover.ExpiresAt < _clock.GetUtcNow());
        Assert.Null(Read(reader, prover.Prove("a", Message), "a", Message));
    }

    [Fact]
    public void A_machine_whose_clock_is_wrong_proves_nevertheless()
    {
        using var coordinator = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var wrong = new FakeTimeProvider(_clock.GetUtcNow() - TimeSpan.FromDays(400));
        var prover = NewProver(coordinator, wrong);
        wrong.Advance(TimeSpan.FromSeconds(30));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(_clock.GetUtcNow(), Read(new(coordinator), prover.Prove("a", Message), "a", Message)!.MadeAt);
    }

    [Fact]
    public void Whoever_has_seen_a_pass_proves_nothing_with_it()
    {
        using var coordinator = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var prover = NewProver(coordinator);
        var pass = prover.Prove("mallory.userv.example", Message).Split('~')[0];
        using var key = ProofKey.Create();
        var thief = new UserProver(key, pass, coordinator.ReadUserPass(pass)!, _clock);
        Assert.Null(Read(new(coordinator), thief.Prove("alice.userv.example", Message), "alice.userv.example", Message));
    }

    [Fact]
    public void Passes_of_another_coordinator_and_of_ended_sessions_count_nothing()
    {
        using var coordinator = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        using var other = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        var prover = NewProver(other);
        var proof = prover.Prove("a", Message);
        Assert.Null(Read(new(coordinator), proof, "a", Message));
        Assert.Null(new ProofReader(other).Read(proof, "a", Message, _clock.GetUtcNow(), UserProof.AgeMax, session => session == "session 1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("~")]
    [InlineData("~~")]
    [InlineData("a.b~1~c")]
    [InlineData("a.b~99999999999999999999~AAAA")]
    [InlineData("a.b~1~\0")]
    public void What_is_no_proof_proves_nothing(string text)
    {
        using var coordinator = TicketKey.FromPrivate(TicketKey.CreatePrivate());
        Assert.Null(Read(new(coordinator), text, "a", Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("no base64")]
    public void What_is_no_key_on_the_curve_gets_no_pass(string text) => Assert.Null(ProofKey.TryImport(text));

    [Fact]
    public void A_key_on_another_curve_gets_no_pass()
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP384);
        Assert.Null(ProofKey.TryImport(ProofKey.TextOf(key)));
    }

    [Fact]
    public async Task Peers_and_the_coordinator_prove_for_whom_they_ask()
    {
        await using var village = await Village.StartAsync();
        var (joe, _) = await village.AddPeerAsync("joe");
        var (alice, _) = await village.AddPeerAsync("alice");
        var prover = await alice.GetProverAsync();
        Assert.Same(prover, await alice.GetProverAsync());

        var atJoe = joe.ReadProof(prover.Prove($"joe.{Village.Zone}", Message), $"joe.{Village.Zone}", Message);
        Assert.Equal("alice", atJoe!.Site.Value);
        Assert.Equal(["staff"], atJoe.Visitor.Groups);
        Assert.Equal("alice", village.Service.ReadProof(prover.Prove(Village.Zone, Message), Message)!.Site.Value);
        Assert.Null(village.Service.ReadProof(prover.Prove($"joe.{Village.Zone}", Message), Message));

        await alice.SignOutAsync();
        await Assert.ThrowsAsync<YouServException>(async () => await alice.GetProverAsync());
        Assert.Empty(alice.Sites);
    }

    [Fact]
    public async Task A_served_site_tells_its_files_and_who_may_read_them()
    {
        await using var village = await Village.StartAsync();
        var (joe, folder) = await village.AddPeerAsync("joe");
        Directory.CreateDirectory(Path.Combine(folder, "open", "ünï"));
        await File.WriteAllTextAsync(Path.Combine(folder, "open", "ünï", "a.txt"), "hello");
        await File.WriteAllTextAsync(Path.Combine(folder, "mine.txt"), "secret");
        await File.WriteAllTextAsync(Path.Combine(folder, ".hidden"), "secret");
        await joe.SetRuleAsync(new AccessRule { Path = SitePath.Parse("open"), Audience = Audience.SignedIn });

        var site = Assert.Single(joe.Sites);
        Assert.Equal(["mine.txt", "open/ünï/a.txt"], site.ListFiles().Select(file => file.Path.Value).Order(StringComparer.Ordinal));
        var alice = new Visitor { User = UserId.Parse("alice@example.org") };
        Assert.True(site.MayRead(alice, SitePath.Parse("open/ünï/a.txt")));
        Assert.False(site.MayRead(Visitor.Anonymous, SitePath.Parse("open/ünï/a.txt")));
        Assert.False(site.MayRead(alice, SitePath.Parse("mine.txt")));
        Assert.True(site.MayRead(new Visitor { User = UserId.Parse("joe@example.org") }, SitePath.Parse("mine.txt")));
        Assert.False(site.MayRead(new Visitor { User = UserId.Parse("joe@example.org") }, SitePath.Parse(".hidden")));

        await using (var content = site.OpenRead(SitePath.Parse("open/ünï/a.txt"), out var file)!)
        {
            Assert.Equal("hello", await new StreamReader(content).ReadToEndAsync());
            Assert.Equal(site.FindFile(SitePath.Parse("open/ünï/a.txt")), file);
        }

        Assert.Null(site.OpenRead(SitePath.Parse("nothing"), out _));
    }

    private UserProver NewProver(TicketKey coordinator, TimeProvider? clock = null)
    {
        var key = ProofKey.Create();
        var says = new UserPass
        {
            User = "joe@example.org",
            Site = "joe",
            Groups = ["staff"],
            SessionId = "session 1",
            Key = ProofKey.TextOf(key),
            Issued = _clock.GetUtcNow().ToUnixTimeMilliseconds(),
            Expires = (_clock.GetUtcNow() + UserPass.Lifetime).ToUnixTimeMilliseconds(),
        };
        return new UserProver(key, coordinator.Sign(says), says, clock ?? _clock);
    }

    private UserProof? Read(ProofReader reader, string proof, string audience, byte[] message, TimeSpan? ageMax = null) =>
        reader.Read(proof, audience, message, _clock.GetUtcNow(), ageMax ?? UserProof.AgeMax, static _ => false);
}
