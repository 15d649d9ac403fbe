namespace P2P.YouServ.Ldap;

/// <summary>Says what kind of answer a message is, by its tag (RFC 4511 §4).</summary>
internal enum LdapOperation
{
    Bind = 1,
    Entry = 4,
    Search = 5,
    Reference = 19,
    Extended = 24,
}
