using P2P.YouServ;
using P2P.YouServ.Protocol;

namespace YouServ.Tests;

public sealed class AccessRulesTests
{
    private static readonly Visitor Alice = new() { User = UserId.Parse("alice@example.org"), Groups = new HashSet<string> { "staff" } };
    private static readonly Visitor Bob = new() { User = UserId.Parse("bob@example.org") };

    [Fact]
    public void Without_a_rule_only_the_owner_reads()
    {
        Assert.Equal(AccessDecision.Granted, AccessRules.Private.Decide(new() { IsOwner = true }, SitePath.Parse("a")));
        Assert.Equal(AccessDecision.Refused, AccessRules.Private.Decide(Alice, SitePath.Parse("a")));
        Assert.Equal(AccessDecision.SignInFirst, AccessRules.Private.Decide(Visitor.Anonymous, SitePath.Root));
    }

    [Fact]
    public void The_nearest_rule_decides()
    {
        var rules = new AccessRules(
        [
            new() { Path = SitePath.Root, Audience = Audience.Everyone },
            new() { Path = SitePath.Parse("team"), Groups = ["staff"], Users = [UserId.Parse("carol@example.org")] },
            new() { Path = SitePath.Parse("team/all.txt"), Audience = Audience.SignedIn },
        ]);
        Assert.Equal(AccessDecision.Granted, rules.Decide(Visitor.Anonymous, SitePath.Parse("index.html")));
        Assert.Equal(AccessDecision.SignInFirst, rules.Decide(Visitor.Anonymous, SitePath.Parse("team/x")));
        Assert.Equal(AccessDecision.Granted, rules.Decide(Alice, SitePath.Parse("team/x")));
        Assert.Equal(AccessDecision.Refused, rules.Decide(Bob, SitePath.Parse("team/x")));
        Assert.Equal(AccessDecision.Granted, rules.Decide(Bob, SitePath.Parse("team/all.txt")));
    }

    [Fact]
    public void A_link_opens_what_it_names_and_nothing_beside_it()
    {
        var visitor = Visitor.Anonymous with { Link = new() { Id = "1", Path = SitePath.Parse("a/b") } };
        Assert.Equal(AccessDecision.Granted, AccessRules.Private.Decide(visitor, SitePath.Parse("a/b/c")));
        Assert.Equal(AccessDecision.SignInFirst, AccessRules.Private.Decide(visitor, SitePath.Parse("a/bc")));
        Assert.True(AccessRules.Private.LeadsToGranted(visitor, SitePath.Parse("a")));
        Assert.False(AccessRules.Private.LeadsToGranted(visitor, SitePath.Parse("b")));
    }
}
