namespace P2P.YouServ;

/// <summary>Says how what is said to a directory is protected.</summary>
public enum LdapSecurity
{
    /// <summary>TLS from the first byte; mostly at port 636.</summary>
    Ldaps,

    /// <summary>TLS that is asked for before anything else is said (RFC 4511 §4.14); mostly at port 389. A server that declines is not used.</summary>
    StartTls,

    /// <summary>None: who can read the wire reads passwords. Refused beyond this machine, unless <see cref="LdapOptions.AllowPlain"/>.</summary>
    None,
}
