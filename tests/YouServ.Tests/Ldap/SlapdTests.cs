using System.Net;
using System.Net.Sockets;
using P2P.YouServ;

namespace YouServ.Tests.Ldap;

/// <summary>Authentication by OpenLDAP's server.</summary>
public sealed class SlapdTests(Slapd slapd) : IClassFixture<Slapd>
{
    [SkippableTheory]
    [InlineData(LdapSecurity.None)]
    [InlineData(LdapSecurity.StartTls)]
    [InlineData(LdapSecurity.Ldaps)]
    public async Task The_right_password_is_accepted_over_each_kind_of_connection(LdapSecurity security)
    {
        var accepted = Assert.IsType<AuthenticationResult.Accepted>(await AskAsync(await slapd.OptionsAsync(security), "joe@example.org", Slapd.JoesPassword));
        Assert.Equal(UserId.Parse("joe@example.org"), accepted.User);
        Assert.Equal("Joe", accepted.DisplayName);
        Assert.Equal(["night, watch", "staff"], accepted.Groups.Order(StringComparer.Ordinal));
    }

    [SkippableTheory]
    [InlineData("joe")]
    [InlineData("JOE")]
    [InlineData("zoe@example.org")]
    public async Task A_user_has_one_id_whatever_they_type(string userName) =>
        Assert.Equal(
            UserId.Parse("joe@example.org"), Assert.IsType<AuthenticationResult.Accepted>(await AskAsync(await slapd.OptionsAsync(), userName, Slapd.JoesPassword)).User);

    [SkippableTheory]
    [InlineData("wrong")]
    [InlineData("Correct Horse")]
    [InlineData("correct horse ")]
    [InlineData("*")]
    public async Task A_wrong_password_is_refused(string password) =>
        Assert.IsType<AuthenticationResult.WrongPassword>(await AskAsync(await slapd.OptionsAsync(), "joe", password));

    [SkippableTheory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\0correct horse")]
    [InlineData("correct horse\0")]
    public async Task A_password_that_a_server_takes_for_none_is_refused(string password) =>
        Assert.IsType<AuthenticationResult.WrongPassword>(await AskAsync(await slapd.OptionsAsync(), "joe", password));

    [SkippableTheory]
    [InlineData("nobody@example.org")]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("jo*")]
    [InlineData("joe)(uid=*")]
    [InlineData("*)(uid=*))(|(uid=*")]
    [InlineData(@"\6aoe")]
    [InlineData("joe\0")]
    [InlineData("{0}")]
    [InlineData("uid=joe,ou=people,dc=example,dc=org")]
    [InlineData("joe)(|(objectClass=*)")]
    public async Task A_name_that_is_nobodys_is_unknown_whatever_it_holds(string userName) =>
        Assert.Equal(new AuthenticationResult.UnknownUser(), await AskAsync(await slapd.OptionsAsync(), userName, Slapd.JoesPassword));

    [SkippableFact]
    public async Task Signs_of_filters_in_a_name_are_letters_like_others() =>
        Assert.Equal(
            UserId.Parse("odd@example.org"),
            Assert.IsType<AuthenticationResult.Accepted>(await AskAsync(await slapd.OptionsAsync(), "a*b(c)", "odd one out")).User);

    [SkippableFact]
    public async Task Names_passwords_and_groups_may_be_of_any_script()
    {
        var options = await slapd.OptionsAsync();
        options.GroupFilter = "(&(objectClass=groupOfNames)(member={0}))";
        options.GroupBaseDn = "ou=groups,dc=example,dc=org";
        var accepted = Assert.IsType<AuthenticationResult.Accepted>(await AskAsync(options, "jürgen", Slapd.JürgensPassword));
        Assert.Equal(UserId.Parse("juergen@example.org"), accepted.User);
        Assert.Equal("Jürgen Größe", accepted.DisplayName);
        Assert.Equal(["night, watch", "ärzte (alle)"], accepted.Groups.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task A_user_for_whom_there_are_two_entries_is_refused() =>
        Assert.Contains("several entries", Assert.IsType<AuthenticationResult.Unavailable>(await AskAsync(await slapd.OptionsAsync(), "twins@example.org", "one of two")).Reason);

    [SkippableFact]
    public async Task A_user_without_an_id_is_refused() =>
        Assert.Contains("no mail", Assert.IsType<AuthenticationResult.Unavailable>(await AskAsync(await slapd.OptionsAsync(), "mailless", "no post please")).Reason);

    [SkippableFact]
    public async Task Searching_with_a_wrong_password_is_told_without_it()
    {
        var options = await slapd.OptionsAsync();
        options.BindPassword = "mistyped secret";
        var reason = Assert.IsType<AuthenticationResult.Unavailable>(await AskAsync(options, "joe", Slapd.JoesPassword)).Reason;
        Assert.Contains("InvalidCredentials (49)", reason);
        Assert.DoesNotContain("mistyped", reason);
        Assert.DoesNotContain("horse", reason);
    }

    [SkippableTheory]
    [InlineData(LdapSecurity.StartTls)]
    [InlineData(LdapSecurity.Ldaps)]
    public async Task A_server_that_another_authority_vouches_for_is_not_told_a_password(LdapSecurity security)
    {
        using var other = new TestAuthority();
        var options = await slapd.OptionsAsync(security);
        options.TrustedAuthorities.Clear();
        Assert.IsType<AuthenticationResult.Unavailable>(await AskAsync(options, "joe", Slapd.JoesPassword));
        options.TrustedAuthorities.Add(other.Certificate);
        Assert.IsType<AuthenticationResult.Unavailable>(await AskAsync(options, "joe", Slapd.JoesPassword));
    }

    [SkippableFact]
    public async Task A_server_whose_certificate_bears_another_name_is_not_told_a_password() =>
        Assert.Contains(
            "RemoteCertificateNameMismatch",
            Assert.IsType<AuthenticationResult.Unavailable>(await AskAsync(await slapd.OptionsAsync(LdapSecurity.Ldaps, "localhost"), "joe", Slapd.JoesPassword)).Reason);

    [SkippableFact]
    public async Task Where_a_server_is_down_the_next_is_asked()
    {
        var options = await slapd.OptionsAsync();
        options.Servers.Insert(0, Nobody());
        Assert.IsType<AuthenticationResult.Accepted>(await AskAsync(options, "joe", Slapd.JoesPassword));
    }

    [Fact]
    public async Task Where_all_servers_are_down_nobody_can_be_asked()
    {
        var options = new LdapOptions { Security = LdapSecurity.None, Servers = { Nobody(), Nobody() } };
        var reason = Assert.IsType<AuthenticationResult.Unavailable>(await AskAsync(options, "joe", Slapd.JoesPassword)).Reason;
        Assert.All(options.Servers, server => Assert.Contains(server.ToString(), reason));
    }

    [SkippableFact]
    public async Task Who_gives_up_waits_no_longer()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        var authenticator = new LdapAuthenticator(await slapd.OptionsAsync());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => authenticator.AuthenticateAsync("joe", Slapd.JoesPassword, cancelled.Token).AsTask());
    }

    private static Task<AuthenticationResult> AskAsync(LdapOptions options, string userName, string password) =>
        new LdapAuthenticator(options).AuthenticateAsync(userName, password).AsTask();

    /// <summary>Gives a port at which nobody listens.</summary>
    private static LdapServer Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
    }
}
