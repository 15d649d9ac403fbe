using System.Globalization;
using System.Net;

namespace P2P.YouServ;

/// <summary>Says where a server of a directory is.</summary>
/// <param name="Host">Its name, which its certificate must bear, or its address.</param>
/// <param name="Port">Its port; by default 636 for <see cref="LdapSecurity.Ldaps"/>, and else 389.</param>
public sealed record LdapServer(string Host, int? Port = null)
{
    internal bool IsThisMachine => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    internal int PortFor(LdapSecurity security) => Port ?? (security == LdapSecurity.Ldaps ? 636 : 389);

    /// <inheritdoc/>
    public override string ToString() => Port is { } port ? string.Create(CultureInfo.InvariantCulture, $"{Host}:{port}") : Host;
}
