namespace P2P.YouServ.Dns;

/// <summary>Says what records hold. The numbers are those of DNS.</summary>
public enum DnsRecordType
{
    /// <summary>An IPv4 address: <c>192.0.2.1</c> (RFC 1035).</summary>
    A = 1,

    /// <summary>The name of a server of the zone: <c>ns1.example</c> (RFC 1035).</summary>
    Ns = 2,

    /// <summary>The name that this one is another word for: <c>joe.userv.example</c>. A name that has it has nothing else (RFC 1034 §3.6.2).</summary>
    Cname = 5,

    /// <summary>A preference and the name of a host that takes mail: <c>10 mail.example</c> (RFC 1035).</summary>
    Mx = 15,

    /// <summary>Text: words, or strings in quotes, of up to 255 bytes each: <c>"v=1" "and more"</c>, with <c>\"</c> and <c>\255</c> as in zone files (RFC 1035 §5.1).</summary>
    Txt = 16,

    /// <summary>An IPv6 address: <c>2001:db8::1</c> (RFC 3596).</summary>
    Aaaa = 28,
}
