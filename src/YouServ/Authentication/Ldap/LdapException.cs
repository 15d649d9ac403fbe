namespace P2P.YouServ.Ldap;

/// <summary>Is thrown when a server can't be asked, or says what can't be understood. Its message goes into logs: it holds neither passwords nor words of the server's.</summary>
internal sealed class LdapException(string message) : Exception(message);
