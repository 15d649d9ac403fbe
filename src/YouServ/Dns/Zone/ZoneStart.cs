namespace P2P.YouServ.Dns;

/// <summary>Is what a zone says of itself in its SOA record, but for its serial (RFC 1035 §3.3.13); times are in seconds. Its own time to live is that of negative answers, in which it travels (RFC 2308 §3).</summary>
internal readonly record struct ZoneStart(DnsName PrimaryServer, DnsName Contact, uint NegativeTimeToLive);
