using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Transport;

/// <summary>Configures a <see cref="TcpTransport"/>. The defaults suit a laptop in a ring of any size.</summary>
public sealed class TcpTransportOptions
{
    /// <summary>
    /// Where to listen: IP addresses or names of this machine, each with a port, where 0 lets the system choose. Default: 0.0.0.0:0.
    /// Between one and eight. [::] takes IPv4 as well as IPv6, unless an IPv4 address is named beside it; any other IPv6 address takes IPv6 only.
    /// </summary>
    public ImmutableArray<NodeAddress> Listen { get; set; } = [new NodeAddress("0.0.0.0", 0)];

    /// <summary>
    /// Where others reach this host, best first, if that differs from where it listens: behind a router that forwards a port, which may be another
    /// than the one that is bound, or under a DNS name. Default: empty, which advertises what is bound; for 0.0.0.0 and [::] these are the
    /// addresses that this machine reaches the world from. At most eight, their hosts 320 characters together.
    /// </summary>
    public ImmutableArray<NodeAddress> AdvertisedAddresses { get; set; } = [];

    /// <summary>
    /// The key that this host proves itself with in TLS; the caller keeps and disposes it. Default: null, a key that lives as long as the
    /// transport. A key that is kept lets others see that a restarted host is the same failure domain.
    /// </summary>
    public SigningKey? HostKey { get; set; }

    /// <summary>
    /// The name of what this host's nodes share with all that would fail with them, such as a machine on which several processes run, its disk, or a rack:
    /// hosts with the same name count as one. Default: null, the host by itself, as its <see cref="HostKey"/> shows. Up to 256 characters.
    /// </summary>
    public string? FailureDomain { get; set; }

    /// <summary>
    /// The ring that this host belongs to; hosts of different rings refuse each other. Default: "default". 1 to 64 characters. It keeps
    /// rings apart that don't want to mix; it is no secret and keeps nobody out, which <see cref="Admission"/> does.
    /// </summary>
    public string RingName { get; set; } = "default";

    /// <summary>
    /// Decides which nodes may take part in the ring, such as an <see cref="AuthorityAdmission"/>; all hosts of a ring are set up alike. Default: null, an
    /// open ring: every node that proves its key is welcome, and who makes many keys has many nodes.
    /// </summary>
    public INodeAdmission? Admission { get; set; }

    /// <summary>
    /// How many bytes may wait for one peer; further messages are dropped. Default: 1 MiB. 256 KiB to 64 MiB. A higher value rides out longer
    /// stalls, costs up to twice its amount of memory for each peer that does not read, and makes what arrives after a stall older.
    /// </summary>
    public int PeerQueueBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// How many hosts may be connected at a time; beyond it, the least useful connection is closed with a farewell: first one that is idle, then one of a
    /// stranger to whom no node here has ever said anything, last one of a node's neighbour. Default: 1024. 1 to 65536. Each costs about 50 KiB, and a TLS
    /// handshake again if it was closed too early.
    /// </summary>
    public int ConnectionsMax { get; set; } = 1024;

    /// <summary>
    /// How many incoming handshakes may go on at a time; further connections are closed at once. Half of them at most may come from one
    /// address. Default: 512. 2 to 65536. A higher value takes more strangers at once and costs up to 200 KiB for each.
    /// </summary>
    public int ConcurrentHandshakesMax { get; set; } = 512;

    /// <summary>
    /// How many handshakes one address (IPv6: one /64 network) may begin per second; further connections are closed at once. Default: 100. 1 to
    /// 100000. A handshake costs about 3 ms of a core, so that a higher value lets one address use more of this machine.
    /// </summary>
    public int HandshakesPerAddressAndSecond { get; set; } = 100;

    /// <summary>
    /// How long TLS and the exchange of identities may take together. Default: 10 s. 100 ms to 5 min. A higher value suits slow links, and
    /// lets those who connect and stay silent hold a handshake for longer.
    /// </summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long to wait for an address to accept a connection. Default: 5 s. 100 ms to 5 min. With a higher value it takes longer to learn that
    /// a peer is gone.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long one of a peer's addresses is tried before the next is tried beside it; one that has accepted the connection gets four times as much for its
    /// handshake. Default: 250 ms, as RFC 8305 has it. 10 ms to 10 s. A higher value makes fewer connections that nobody needs, and a first address that
    /// is dead costs more.
    /// </summary>
    public TimeSpan ConnectHeadStart { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// How long a connection stays open without messages. Default: 5 min. 1 s to 1 day. A higher value saves handshakes and holds more
    /// connections.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How long a peer may take nothing while something waits for it, before its connection counts as lost. Default: 30 s. 1 s to 1 hour. A
    /// higher value forgives longer pauses and holds the peer's queue for longer.
    /// </summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a peer is left alone after it could not be reached once; it doubles with each failure up to <see cref="BackOffMax"/>, and a
    /// random part of up to half is taken off. Default: 500 ms. 1 ms to <see cref="BackOffMax"/>. A higher value spares the network and
    /// finds a peer that is back later.
    /// </summary>
    public TimeSpan BackOffMin { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest that a peer is left alone. Default: 1 min. Up to 1 day. What a higher value costs is said at <see cref="BackOffMin"/>.</summary>
    public TimeSpan BackOffMax { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How many streams may be open to one peer at a time; whoever opens one more waits. As many again are accepted from a host, twice
    /// over, since one that is ending here may have ended there. Default: 8. 1 to 1024. Each costs about 600 KiB while data flows.
    /// </summary>
    public int StreamsPerPeerMax { get; set; } = 8;

    /// <summary>
    /// How many streams may be open in each direction to all peers together; whoever opens one more waits, and a peer that does is refused.
    /// Default: 128. 1 to 65536. Each costs about 600 KiB while data flows.
    /// </summary>
    public int StreamsMax { get; set; } = 128;

    /// <summary>
    /// How long a node's word that it lives on this host is good; it is renewed when half of it is over. Default: 24 h. 4 h to 30 days. A higher
    /// value lets a stolen host key speak for its nodes for longer; a lower one tolerates less error of clocks, of which one hour is
    /// always tolerated.
    /// </summary>
    public TimeSpan DelegationLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Where to log. Default: null, nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Makes the meter "P2P.Pastry". Default: null, a meter of the transport's own.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    /// <summary>The versions of the transport that this host speaks.</summary>
    internal VersionRange Versions { get; set; } = VersionRange.Supported;

    /// <summary>Checks every value and takes a copy that nobody changes any more.</summary>
    /// <exception cref="PastryException">A value is out of its range; the message names it.</exception>
    internal TcpTransportOptions Validated()
    {
        Require(!Listen.IsDefaultOrEmpty && Listen.Length <= NodeHandle.AddressesMax, nameof(Listen), "names 1 to 8 addresses");
        Require(Listen.All(address => address.Host is { Length: > 0 }), nameof(Listen), "needs a host in each address, such as 0.0.0.0");
        Require(!AdvertisedAddresses.IsDefault && AdvertisedAddresses.Length <= NodeHandle.AddressesMax, nameof(AdvertisedAddresses), "names at most 8 addresses");
        Require(
            AdvertisedAddresses.All(address => address is { Host.Length: > 0 and <= NodeAddress.HostLengthMax, Port: > 0 }),
            nameof(AdvertisedAddresses),
            "needs a host and a port from 1 to 65535 in each address");
        Require(
            AdvertisedAddresses.Sum(address => address.Host.Length) <= NodeHandle.HostsLengthMax,
            nameof(AdvertisedAddresses),
            $"names hosts of at most {NodeHandle.HostsLengthMax} characters together");
        Require(FailureDomain is null or { Length: >= 1 and <= FailureDomainName.LengthMax }, nameof(FailureDomain), $"has 1 to {FailureDomainName.LengthMax} characters");
        Require(RingName is { Length: >= 1 and <= 64 }, nameof(RingName), "has 1 to 64 characters");
        RequireRange(PeerQueueBytes, 256 * 1024, 64 * 1024 * 1024, nameof(PeerQueueBytes));
        RequireRange(ConnectionsMax, 1, 65536, nameof(ConnectionsMax));
        RequireRange(ConcurrentHandshakesMax, 2, 65536, nameof(ConcurrentHandshakesMax));
        RequireRange(HandshakesPerAddressAndSecond, 1, 100_000, nameof(HandshakesPerAddressAndSecond));
        RequireRange(HandshakeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), nameof(HandshakeTimeout));
        RequireRange(ConnectTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5), nameof(ConnectTimeout));
        RequireRange(ConnectHeadStart, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(10), nameof(ConnectHeadStart));
        RequireRange(IdleTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1), nameof(IdleTimeout));
        RequireRange(StallTimeout, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), nameof(StallTimeout));
        RequireRange(BackOffMax, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1), nameof(BackOffMax));
        RequireRange(BackOffMin, TimeSpan.FromMilliseconds(1), BackOffMax, nameof(BackOffMin));
        RequireRange(StreamsPerPeerMax, 1, 1024, nameof(StreamsPerPeerMax));
        RequireRange(StreamsMax, 1, 65536, nameof(StreamsMax));
        RequireRange(DelegationLifetime, TimeSpan.FromHours(4), TimeSpan.FromDays(30), nameof(DelegationLifetime));
        Require(Time is not null, nameof(Time), "is not null");
        return (TcpTransportOptions)MemberwiseClone();
    }

    private static void RequireRange<T>(T value, T min, T max, string name)
        where T : IComparable<T> =>
        Require(value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0, name, $"is between {min} and {max}, not {value}");

    private static void Require(bool condition, string name, string expectation)
    {
        if (!condition)
        {
            throw new PastryException($"{nameof(TcpTransportOptions)}.{name} {expectation}.");
        }
    }
}
