using System.Security.Cryptography.X509Certificates;
using P2P.YouServ.Ldap;

namespace P2P.YouServ;

/// <summary>Sets up an <see cref="LdapAuthenticator"/>.</summary>
public sealed class LdapOptions
{
    /// <summary>The directory's servers, 1 to 16. The one that answered last is asked first, and the others in turn while none answers. To be set.</summary>
    public IList<LdapServer> Servers { get; } = [];

    /// <summary>How what is said is protected; default <see cref="LdapSecurity.Ldaps"/>. Certificates are always validated.</summary>
    public LdapSecurity Security { get; set; } = LdapSecurity.Ldaps;

    /// <summary>Whether <see cref="LdapSecurity.None"/> may go beyond this machine; default no. Who can read the wire then reads passwords.</summary>
    public bool AllowPlain { get; set; }

    /// <summary>The roots that a server's certificate may come from, such as the organisation's own; without any, those that the system trusts. Revocation is not asked for.</summary>
    public X509Certificate2Collection TrustedAuthorities { get; } = [];

    /// <summary>As whom users are searched for, such as <c>cn=reader,dc=example,dc=org</c>; by default as nobody.</summary>
    public string? BindDn { get; set; }

    /// <summary>The password of <see cref="BindDn"/>; needed with it.</summary>
    public string? BindPassword { get; set; }

    /// <summary>The entry at and beneath which users are searched for, such as <c>ou=people,dc=example,dc=org</c>; by default the directory's root.</summary>
    public string BaseDn { get; set; } = "";

    /// <summary>
    /// Which entry is a user's (RFC 4515), with <c>{0}</c> in the place of what the person typed; default <c>(|(mail={0})(uid={0}))</c>. Whatever was typed stays within its value. A user
    /// for whom it finds several entries can't sign in.
    /// </summary>
    public string UserFilter { get; set; } = "(|(mail={0})(uid={0}))";

    /// <summary>
    /// The attribute whose value is the user's id; default <c>mail</c>. Of several values the first in alphabetical order counts, so that one person has one id. Who may change it can
    /// become another user.
    /// </summary>
    public string IdAttribute { get; set; } = "mail";

    /// <summary>The attributes of what a user is called, of which the first that has a value counts; default <c>displayName</c>, <c>cn</c>. Without any it is the id.</summary>
    public IReadOnlyList<string> DisplayNameAttributes { get; set; } = ["displayName", "cn"];

    /// <summary>
    /// The attribute with the names of the groups' entries; default <c>memberOf</c>, and null for none. A group is called by the cn that its name begins with, wherever the entry is; others
    /// do not count.
    /// </summary>
    public string? GroupsAttribute { get; set; } = "memberOf";

    /// <summary>
    /// Which entries are a user's groups, with <c>{0}</c> in the place of the name of the user's entry, for directories that know no <c>memberOf</c>: such as
    /// <c>(&amp;(objectClass=groupOfNames)(member={0}))</c>. Default null: they are not searched for, which saves a round trip.
    /// </summary>
    public string? GroupFilter { get; set; }

    /// <summary>The entry at and beneath which groups are searched for; by default <see cref="BaseDn"/>.</summary>
    public string? GroupBaseDn { get; set; }

    /// <summary>How long a server has for all that one sign-in asks of it, 100 ms to 5 min, before the next is asked; default 10 s. A lower value gets sooner past a dead server.</summary>
    public TimeSpan ServerTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    internal void Validate()
    {
        Require(Servers.Count is >= 1 and <= 16, nameof(Servers), "must name 1 to 16 servers");
        Require(
            Servers.All(server => Uri.CheckHostName(server.Host) != UriHostNameType.Unknown && server.Port is null or (>= 1 and <= 65535)),
            nameof(Servers), "must name hosts, and ports from 1 to 65535");
        Require(Enum.IsDefined(Security), nameof(Security), "must be one of the known kinds");
        Require(
            Security != LdapSecurity.None || AllowPlain || Servers.All(server => server.IsThisMachine),
            nameof(Security), $"must not be {nameof(LdapSecurity.None)} for servers beyond this machine, or {nameof(AllowPlain)} must be set: passwords could be read on the wire");
        Require(string.IsNullOrEmpty(BindDn) == string.IsNullOrEmpty(BindPassword), nameof(BindPassword), $"must be set together with {nameof(BindDn)}");
        Require(BaseDn is not null, nameof(BaseDn), "must not be null");
        Require(IsAttribute(IdAttribute), nameof(IdAttribute), "must name an attribute");
        Require(DisplayNameAttributes is not null && DisplayNameAttributes.All(IsAttribute), nameof(DisplayNameAttributes), "must name attributes");
        Require(GroupsAttribute is null || IsAttribute(GroupsAttribute), nameof(GroupsAttribute), "must name an attribute, or be null");
        RequireFilter(UserFilter, nameof(UserFilter));
        if (GroupFilter is not null)
        {
            RequireFilter(GroupFilter, nameof(GroupFilter));
        }

        Require(
            ServerTimeout >= TimeSpan.FromMilliseconds(100) && ServerTimeout <= TimeSpan.FromMinutes(5), nameof(ServerTimeout), "must be between 100 ms and 5 min");
    }

    /// <summary>Gives a copy that stays as it is.</summary>
    internal LdapOptions Validated()
    {
        Validate();
        var copy = new LdapOptions
        {
            Security = Security,
            AllowPlain = AllowPlain,
            BindDn = BindDn,
            BindPassword = BindPassword,
            BaseDn = BaseDn,
            UserFilter = UserFilter,
            IdAttribute = IdAttribute,
            DisplayNameAttributes = [.. DisplayNameAttributes],
            GroupsAttribute = GroupsAttribute,
            GroupFilter = GroupFilter,
            GroupBaseDn = GroupBaseDn,
            ServerTimeout = ServerTimeout,
            Time = Time,
        };
        copy.TrustedAuthorities.AddRange(TrustedAuthorities);
        foreach (var server in Servers)
        {
            copy.Servers.Add(server);
        }

        return copy;
    }

    private static bool IsAttribute(string? name) => name is { Length: > 0 and <= 256 } && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ';');

    private static void RequireFilter(string filter, string option)
    {
        try
        {
            _ = new LdapFilter(filter);
        }
        catch (FormatException failure)
        {
            throw new YouServException($"{nameof(LdapOptions)}.{option} must be a filter, such as (uid={{0}}): {failure.Message}", failure);
        }
    }

    private static void Require(bool condition, string option, string demand)
    {
        if (!condition)
        {
            throw new YouServException($"{nameof(LdapOptions)}.{option} {demand}.");
        }
    }
}
