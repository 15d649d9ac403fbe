using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace P2P.YouServ.Dns;

/// <summary>Sets up a <see cref="DnsServer"/>.</summary>
public sealed class DnsServerOptions
{
    /// <summary>The zone whose authority the server is, such as <c>userv.example</c>. The zone above must delegate it, by NS records, to <see cref="NameServers"/>.</summary>
    public required DnsName Zone { get; set; }

    /// <summary>
    /// The names of the zone's servers, 1 to 16, the primary one first (RFC 1035: MNAME). Those within the zone need addresses in <see cref="Records"/>; the zone above needs the same as glue.
    /// </summary>
    public required IReadOnlyList<DnsName> NameServers { get; set; }

    /// <summary>
    /// Where the server listens, for datagrams and connections alike, 1 to 64 endpoints; default all addresses of the families that the system has at port 53. Elsewhere than on Linux,
    /// list the addresses of a machine that has several: answers must leave from the one that was asked, and behind an unspecified address the system chooses. Port 0 takes any free port.
    /// </summary>
    public IReadOnlyList<IPEndPoint> Endpoints { get; set; } =
        Socket.OSSupportsIPv6 ? [new(IPAddress.Any, 53), new(IPAddress.IPv6Any, 53)] : [new(IPAddress.Any, 53)];

    /// <summary>The mailbox of whoever is in charge, its @ written as a dot (RFC 1035: RNAME); default <c>hostmaster</c> of the zone.</summary>
    public DnsName? Contact { get; set; }

    /// <summary>
    /// The file that keeps what is published, a SQLite database on a disk of this machine; it and its folder are created where they are missing. By default there is none, and what was
    /// published is gone when the server ends.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>
    /// Records that are always there, such as the addresses of the name servers and of the coordinator; default none. Their name and type can't be published. What was published under the
    /// same name and type before is dropped.
    /// </summary>
    public IReadOnlyList<DnsRecordSet> Records { get; set; } = [];

    /// <summary>
    /// How long others may keep a set that says nothing of it, in whole seconds from 0; default 10 s. What is published is seen everywhere after that time at the latest; a higher value
    /// saves queries. Some browsers keep addresses for a minute whatever it says.
    /// </summary>
    public TimeSpan DefaultTimeToLive { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long others may keep the answer that there is nothing, in whole seconds from 0; default 5 s (RFC 2308).</summary>
    public TimeSpan NegativeTimeToLive { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How many datagrams a second are answered to a network, an IPv4 /24 or an IPv6 /56; default 1,000, and 0 is any number. Beyond it every second query is asked to come back over a
    /// connection, which a forged sender can't, and the others are dropped. A higher value lets others' datagrams hit a victim harder; a lower one hits large resolvers.
    /// </summary>
    public int DatagramsPerSecondMax { get; set; } = 1000;

    /// <summary>How many threads answer datagrams at each endpoint, 1 to 64; default one for each processor, at most 4.</summary>
    public int DatagramLoops { get; set; } = Math.Min(Environment.ProcessorCount, 4);

    /// <summary>How many connections are open at each endpoint, from 1; default 512. Further ones are closed. Each costs about 12 KB while it is in use.</summary>
    public int ConnectionsMax { get; set; } = 512;

    /// <summary>How many of an endpoint's connections one network may have, an IPv4 /24 or an IPv6 /56; from 1, default 64.</summary>
    public int ConnectionsPerNetworkMax { get; set; } = 64;

    /// <summary>How long a connection waits for the next whole query, or for its answers to be taken, before it is closed; default 10 s (RFC 7766 §6.2.3).</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock; default the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Where the log goes; default nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Makes the meter; by default the process has one.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>Gives a copy that stays as it is.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal DnsServerOptions Validated()
    {
        ArgumentNullException.ThrowIfNull(NameServers);
        ArgumentNullException.ThrowIfNull(Endpoints);
        ArgumentNullException.ThrowIfNull(Records);
        ArgumentOutOfRangeException.ThrowIfZero(NameServers.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(NameServers.Count, 16);
        ArgumentOutOfRangeException.ThrowIfZero(Endpoints.Count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Endpoints.Count, 64);
        ArgumentOutOfRangeException.ThrowIfNegative(DatagramsPerSecondMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(DatagramLoops, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(DatagramLoops, 64);
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionsMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ConnectionsPerNetworkMax, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(IdleTimeout, TimeSpan.Zero);
        ZoneChange.Seconds(DefaultTimeToLive, nameof(DefaultTimeToLive));
        ZoneChange.Seconds(NegativeTimeToLive, nameof(NegativeTimeToLive));
        var copy = (DnsServerOptions)MemberwiseClone();
        (copy.NameServers, copy.Endpoints, copy.Records) = ([.. NameServers], [.. Endpoints], [.. Records]);
        return copy;
    }
}
