using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using P2P.Past;
using P2P.Pastry;

namespace NodeSample.Settings;

/// <summary>Is everything that can be set, and the one place where each setting has its names, its default and its form.</summary>
internal sealed record NodeSettings
{
    public static readonly Setting<string> DataSetting =
        new("Data", "DIR", "The node's directory: its identity, its replicas, its control socket.", "p2p-node", ValueFormats.NotEmpty);

    private static readonly Setting<ImmutableArray<NodeAddress>> ListenSetting =
        new("Listen", "HOST:PORT", "Where to listen; port 0 takes a free one, [::] takes IPv6 and IPv4. May be repeated.", "0.0.0.0:0", ValueFormats.Listeners, isList: true);

    private static readonly Setting<ImmutableArray<NodeAddress>> AdvertiseSetting =
        new("Advertise", "HOST:PORT", "Where others reach this node, if not where it listens; best first. May be repeated.", "", ValueFormats.Peers, isList: true);

    private static readonly Setting<ImmutableArray<NodeAddress>> BootstrapSetting =
        new("Bootstrap", "HOST:PORT", "A node of the ring to join, tried in turn, and then those that are remembered. May be repeated. With none, the node starts a new ring.", "", ValueFormats.Peers, isList: true);

    public static readonly Setting<string> RingSetting =
        new("Ring", "NAME", "The ring's name; nodes of different rings refuse each other.", "default", ValueFormats.RingName);

    private static readonly Setting<ImmutableArray<string>> AuthoritySetting =
        new("Authority", "FILE", "A public key of the ring's authority; with one, the ring is closed to nodes that it has not admitted. May be repeated.", "", ValueFormats.Files, isList: true);

    private static readonly Setting<string> CertificateSetting =
        new("Certificate", "FILE", "What admits the node to a closed ring. With none, it is DIR/node.cert, if that is there.", "", text => text);

    public static readonly Setting<string> IdKeySetting =
        new("IdKey", "FILE", "The node's key, a P-256 private key in PEM; made there where it is missing. With none, it is DIR/node.key.", "", text => text);

    private static readonly Setting<long> CapacitySetting =
        new("Capacity", "SIZE", "How much of the disk the replicas may take, such as 500MB.", "10GB", ValueFormats.Size);

    private static readonly Setting<bool> RebuildSetting =
        new("Rebuild", "yes|no", "Whether to make the replicas' database anew at this start, from all that can still be read; when the node says that it is damaged.", "no", ValueFormats.YesOrNo);

    private static readonly Setting<string> FailureDomainSetting =
        new("FailureDomain", "NAME", "What the node would fail with, such as a machine or a rack: of the nodes that name the same, no two hold a file while others are near. With none, it fails alone.", "", ValueFormats.DomainName);

    private static readonly Setting<long> CacheSetting =
        new("Cache", "SIZE", "How much of the memory copies of files may take that pass by; 0B for no cache.", "64MB", ValueFormats.Size);

    private static readonly Setting<ImmutableArray<string>> BrokerSetting =
        new("Broker", "FILE", "The public key of a broker; with one, the node holds only files that a broker has permitted, and its own users ask the first one for room. May be repeated.", "", ValueFormats.Files, isList: true);

    private static readonly Setting<bool> RunBrokerSetting =
        new("RunBroker", "yes|no", "Whether a broker runs on this node, with the node's key; its books are DIR/broker.db.", "no", ValueFormats.YesOrNo);

    private static readonly Setting<long> ContributeSetting =
        new("Contribute", "SIZE", "How much of its capacity the node contributes at the broker, so that the account's owner may store more.", "0B", ValueFormats.Size);

    private static readonly Setting<string> AccountSetting =
        new("Account", "FILE", "The public key of the owner for whom the node contributes. With none, it is the user whose files are put through this node.", "", text => text);

    private static readonly Setting<int> BitsPerDigitSetting =
        new("BitsPerDigit", "N", "Bits of a digit, b; all nodes of a ring agree.", "4", ValueFormats.Number);

    private static readonly Setting<int> LeafSetSizeSetting =
        new("LeafSetSize", "N", "Members of a leaf set, l; all nodes of a ring agree.", "32", ValueFormats.Number);

    private static readonly Setting<TimeSpan> HeartbeatSetting =
        new("Heartbeat", "TIME", "Time between two heartbeats to a ring neighbour.", "18s", ValueFormats.Duration);

    private static readonly Setting<TimeSpan> LeaseSetting =
        new("Lease", "TIME", "How long a lease between ring neighbours lasts; at least 1.25 heartbeats.", "23s", ValueFormats.Duration);

    private static readonly Setting<TimeSpan> ProbeTimeoutSetting =
        new("ProbeTimeout", "TIME", "How long an answer to a probe is waited for.", "1.2s", ValueFormats.Duration);

    private static readonly Setting<int> ProbeRetriesSetting =
        new("ProbeRetries", "N", "How often a silent node is probed again before it is given up.", "2", ValueFormats.Number);

    private static readonly Setting<TimeSpan> JoinTimeoutSetting =
        new("JoinTimeout", "TIME", "How long an attempt to join may take.", "10s", ValueFormats.Duration);

    private static readonly Setting<TimeSpan> JoinBackoffMaxSetting =
        new("JoinBackoffMax", "TIME", "The longest pause between two attempts to join.", "30s", ValueFormats.Duration);

    private static readonly Setting<TimeSpan> LeafSetExchangeSetting =
        new("LeafSetExchange", "TIME", "Time between two exchanges of leaf sets.", "2min", ValueFormats.Duration);

    private static readonly Setting<TimeSpan> MaintenanceSetting =
        new("Maintenance", "TIME", "Time between two rounds that check that others hold what they should.", "10min", ValueFormats.Duration);

    private static readonly Setting<TimeSpan> OperationTimeoutSetting =
        new("OperationTimeout", "TIME", "How long a put or a get waits for a sign of progress before it is tried again.", "10s", ValueFormats.Duration);

    private static readonly Setting<NodeAddress?> HealthSetting =
        new("Health", "HOST:PORT", "Where to answer /health, /health/live and /health/ready over HTTP; port 0 takes a free one. With none, nowhere.", "", ValueFormats.ListenerOrNone);

    private static readonly Setting<Uri?> OtlpSetting =
        new("Otlp", "URL", "Where a collector takes metrics, traces and log lines by OTLP, such as http://localhost:4318. OpenTelemetry's own variables (OTEL_…) count as well.", "", ValueFormats.UrlOrNone);

    private static readonly Setting<TimeSpan> DrainSetting =
        new("Drain", "TIME", "How long puts and gets that go on may take when the node is told to stop.", "20s", ValueFormats.Patience);

    private static readonly Setting<LogLevel> LogSetting =
        new("Log", "LEVEL", "What is logged to stderr: Debug, Information, Warning, Error or None.", "Warning", ValueFormats.LogLevel);

    /// <summary>All settings, in the order in which help lists them.</summary>
    public static readonly ImmutableArray<Setting> All =
    [
        DataSetting, ListenSetting, AdvertiseSetting, BootstrapSetting, RingSetting, AuthoritySetting, CertificateSetting, IdKeySetting, CapacitySetting, RebuildSetting, FailureDomainSetting, CacheSetting,
        BrokerSetting, RunBrokerSetting, ContributeSetting, AccountSetting,
        BitsPerDigitSetting, LeafSetSizeSetting, HeartbeatSetting, LeaseSetting, ProbeTimeoutSetting, ProbeRetriesSetting,
        JoinTimeoutSetting, JoinBackoffMaxSetting, LeafSetExchangeSetting, MaintenanceSetting, OperationTimeoutSetting, HealthSetting, OtlpSetting, DrainSetting, LogSetting,
    ];

    public required string Data { get; init; }

    public required ImmutableArray<NodeAddress> Listen { get; init; }

    public required ImmutableArray<NodeAddress> Advertise { get; init; }

    public required ImmutableArray<NodeAddress> Bootstraps { get; init; }

    public required string Ring { get; init; }

    /// <summary>The files of the authority's public keys; none where the ring is open.</summary>
    public required ImmutableArray<string> Authorities { get; init; }

    /// <summary>The certificate's file, or empty for the one in the data directory.</summary>
    public required string Certificate { get; init; }

    /// <summary>The key file, or empty for the one in the data directory.</summary>
    public required string IdKey { get; init; }

    public required long CapacityBytes { get; init; }

    public required bool Rebuilds { get; init; }

    /// <summary>What the node would fail with, or empty where it fails alone.</summary>
    public required string FailureDomain { get; init; }

    /// <summary>Zero for no cache.</summary>
    public required long CacheBytes { get; init; }

    /// <summary>The files of the public keys of brokers; none where files need no permit, unless a broker runs here.</summary>
    public required ImmutableArray<string> Brokers { get; init; }

    public required bool RunsBroker { get; init; }

    public required long ContributedBytes { get; init; }

    /// <summary>The file of the public key of the owner for whom the node contributes, or empty for the one whose files are put through it.</summary>
    public required string Account { get; init; }

    public required PastryOptions Pastry { get; init; }

    public required PastOptions Past { get; init; }

    /// <summary>Where to answer watchers over HTTP; null for nowhere.</summary>
    public required NodeAddress? Health { get; init; }

    /// <summary>Where a collector takes metrics, traces and log lines; null where the environment may say.</summary>
    public required Uri? Otlp { get; init; }

    public required TimeSpan Drain { get; init; }

    public required LogLevel Log { get; init; }

    /// <exception cref="UsageException">A value can't be read or is out of its range.</exception>
    public static NodeSettings Read(IConfiguration configuration)
    {
        var settings = new NodeSettings
        {
            Data = DataSetting.Read(configuration),
            Listen = ListenSetting.Read(configuration),
            Advertise = AdvertiseSetting.Read(configuration),
            Bootstraps = BootstrapSetting.Read(configuration),
            Ring = RingSetting.Read(configuration),
            Authorities = AuthoritySetting.Read(configuration),
            Certificate = CertificateSetting.Read(configuration),
            IdKey = IdKeySetting.Read(configuration),
            CapacityBytes = CapacitySetting.Read(configuration),
            Rebuilds = RebuildSetting.Read(configuration),
            FailureDomain = FailureDomainSetting.Read(configuration),
            CacheBytes = CacheSetting.Read(configuration),
            Brokers = BrokerSetting.Read(configuration),
            RunsBroker = RunBrokerSetting.Read(configuration),
            ContributedBytes = ContributeSetting.Read(configuration),
            Account = AccountSetting.Read(configuration),
            Pastry = new PastryOptions
            {
                BitsPerDigit = BitsPerDigitSetting.Read(configuration),
                LeafSetSize = LeafSetSizeSetting.Read(configuration),
                HeartbeatInterval = HeartbeatSetting.Read(configuration),
                LeaseDuration = LeaseSetting.Read(configuration),
                ProbeTimeout = ProbeTimeoutSetting.Read(configuration),
                ProbeRetries = ProbeRetriesSetting.Read(configuration),
                JoinTimeout = JoinTimeoutSetting.Read(configuration),
                JoinBackoffMax = JoinBackoffMaxSetting.Read(configuration),
                LeafSetExchangeInterval = LeafSetExchangeSetting.Read(configuration),
            },
            Past = new PastOptions
            {
                MaintenanceInterval = MaintenanceSetting.Read(configuration),
                OperationTimeout = OperationTimeoutSetting.Read(configuration),
            },
            Health = HealthSetting.Read(configuration),
            Otlp = OtlpSetting.Read(configuration),
            Drain = DrainSetting.Read(configuration),
            Log = LogSetting.Read(configuration),
        };
        settings.Validate();
        return settings;
    }

    private void Validate()
    {
        try
        {
            Pastry.Validate();
            Past.Validate();
        }
        catch (Exception exception) when (exception is PastryException or PastException)
        {
            throw new UsageException(exception.Message);
        }

        if (ContributedBytes > CapacityBytes)
        {
            throw new UsageException($"{ContributeSetting.Option.Name}: the node can't contribute more than its capacity of {CapacityBytes} bytes.");
        }

        if (ContributedBytes > 0 && Brokers.IsEmpty && !RunsBroker)
        {
            throw new UsageException($"{ContributeSetting.Option.Name}: say with {BrokerSetting.Option.Name} at which broker the node contributes.");
        }
    }
}
