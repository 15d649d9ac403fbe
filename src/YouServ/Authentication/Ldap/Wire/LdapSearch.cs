namespace P2P.YouServ.Ldap;

/// <summary>Says what entries are searched for.</summary>
/// <param name="BaseDn">The entry at and beneath which they are.</param>
/// <param name="Filter">Which they are.</param>
/// <param name="Value">What takes the place in the filter.</param>
/// <param name="Attributes">What of them is to be told.</param>
/// <param name="EntriesMax">How many are wanted at most.</param>
internal sealed record LdapSearch(string BaseDn, LdapFilter Filter, ReadOnlyMemory<byte> Value, IReadOnlyList<string> Attributes, int EntriesMax);
