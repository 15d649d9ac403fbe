using P2P.YouServ;

namespace YouServ.Tests.Ldap;

/// <summary>What an authenticator refuses to be made with.</summary>
public sealed class LdapOptionsTests
{
    public static TheoryData<string, Action<LdapOptions>> Wrong => new()
    {
        { nameof(LdapOptions.Servers), options => options.Servers.Clear() },
        { nameof(LdapOptions.Servers), options => options.Servers.Add(new("ldap://host")) },
        { nameof(LdapOptions.Servers), options => options.Servers.Add(new("host", 0)) },
        { nameof(LdapOptions.Security), options => options.Security = LdapSecurity.None },
        { nameof(LdapOptions.BindPassword), options => options.BindDn = "cn=reader" },
        { nameof(LdapOptions.BindPassword), options => (options.BindDn, options.BindPassword) = ("cn=reader", "") },
        { nameof(LdapOptions.UserFilter), options => options.UserFilter = "(uid=joe)" },
        { nameof(LdapOptions.GroupFilter), options => options.GroupFilter = "member={0}" },
        { nameof(LdapOptions.IdAttribute), options => options.IdAttribute = "" },
        { nameof(LdapOptions.DisplayNameAttributes), options => options.DisplayNameAttributes = ["display name"] },
        { nameof(LdapOptions.ServerTimeout), options => options.ServerTimeout = TimeSpan.Zero },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Options_out_of_their_range_are_refused(string option, Action<LdapOptions> change)
    {
        var options = new LdapOptions { Servers = { new("ldap.example.org") } };
        change(options);
        Assert.Contains($"LdapOptions.{option}", Assert.Throws<YouServException>(() => new LdapAuthenticator(options)).Message);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void Without_tls_only_this_machine_is_asked_unless_more_is_allowed(string host)
    {
        _ = new LdapAuthenticator(new() { Servers = { new(host) }, Security = LdapSecurity.None });
        _ = new LdapAuthenticator(new() { Servers = { new("ldap.example.org") }, Security = LdapSecurity.None, AllowPlain = true });
    }
}
