using System.Text;

namespace P2P.YouServ.Ldap;

/// <summary>Is an entry that a search has found.</summary>
/// <param name="Dn">Its name, in the bytes in which it came, since it is said to the server again.</param>
/// <param name="Attributes">What was told of it, in the server's order.</param>
internal sealed record LdapEntry(ReadOnlyMemory<byte> Dn, IReadOnlyList<(string Name, IReadOnlyList<ReadOnlyMemory<byte>> Values)> Attributes)
{
    /// <summary>Gives the values of an attribute as text. A server that sends the first of many values says so behind the name: <c>memberOf;range=0-1499</c>.</summary>
    public IEnumerable<string> Values(string attribute) =>
        from pair in Attributes
        where pair.Name.Equals(attribute, StringComparison.OrdinalIgnoreCase) || pair.Name.StartsWith(attribute + ";range=", StringComparison.OrdinalIgnoreCase)
        from value in pair.Values
        select Encoding.UTF8.GetString(value.Span);
}
