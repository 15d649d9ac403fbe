using System.CommandLine;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodeSample.Control;
using NodeSample.Health;
using NodeSample.Settings;
using NodeSample.Stopping;
using NodeSample.Telemetry;
using P2P.Past;
using P2P.Pastry;

namespace NodeSample.Commands;

/// <summary>Runs a node until it is told to stop.</summary>
internal static class RunCommand
{
    /// <summary>What stopping may take beside the drain: farewells, the last export, closing the stores.</summary>
    public static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(30);

    public static Command Create()
    {
        var command = new Command("run", "Runs a node until SIGTERM or Ctrl-C, upon which it drains, says farewell and exits; a second one ends it at once.") { SettingsSources.ConfigOption };
        foreach (var setting in NodeSettings.All)
        {
            command.Options.Add(setting.Option);
        }

        command.SetAction((arguments, _) => RunAsync(NodeSettings.Read(SettingsSources.Load(arguments))));
        return command;
    }

    private static async Task<int> RunAsync(NodeSettings settings)
    {
        using var directory = DataDirectory.Open(settings.Data);
        using var hostKey = SigningKey.LoadOrCreate(directory.HostKeyFile);
        using var owner = SigningKey.LoadOrCreate(directory.UserKeyFile);
        var identity = settings.IdKey.Length > 0
            ? PersistentIdentity.Load(directory.Path, SigningKey.LoadOrCreate(settings.IdKey))
            : PersistentIdentity.Load(directory.Path);
        identity = identity with { Certificate = CertificateOf(settings, directory)?.Statement };
        PublicKey[] authorities = [.. settings.Authorities.Select(KeyFiles.LoadPublicKey)];
        await using var replicas = await DiskReplicaStore.OpenAsync(
            new DiskReplicaStoreOptions { Directory = directory.ReplicaDirectory, CapacityBytes = settings.CapacityBytes, Rebuild = settings.Rebuilds });

        await using var broker = settings.RunsBroker ? await Broker.OpenAsync(directory.BrokerFile, identity.Key) : null;
        PublicKey[] brokers = [.. broker is null ? [] : (PublicKey[])[broker.PublicKey], .. settings.Brokers.Select(KeyFiles.LoadPublicKey)];

        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(settings.Log).AddFilter("Microsoft", LogLevel.Critical).AddSimpleConsole(console => console.SingleLine = true);
        // Stdout is for what scripts read.
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        // First, so that it answers until all else has stopped.
        builder.Services.AddHostedService<HealthServer>();
        var ring = builder.Services
            .AddPastry(options =>
            {
                options.Identity = identity;
                options.Protocol = settings.Pastry;
                options.PeerMemory = new FilePeerMemory(directory.PeersFile);
                foreach (var bootstrap in settings.Bootstraps)
                {
                    options.Bootstraps.Add(bootstrap);
                }
            })
            .UseTcp(options =>
            {
                options.Listen = settings.Listen;
                options.AdvertisedAddresses = settings.Advertise;
                options.RingName = settings.Ring;
                options.FailureDomain = settings.FailureDomain.Length > 0 ? settings.FailureDomain : null;
                options.Admission = authorities.Length > 0 ? new AuthorityAdmission(authorities) : null;
                options.HostKey = hostKey;
            })
            .AddPast(options =>
            {
                options.Replicas = replicas;
                options.Protocol = settings.Past;
                options.Cache = settings.CacheBytes > 0 ? new CacheOptions { CapacityBytes = settings.CacheBytes } : null;
                foreach (var trusted in brokers)
                {
                    options.Brokers.Add(trusted);
                }
            });
        if (brokers is [var asked, ..])
        {
            ring.AddBrokerQuota(options =>
            {
                options.Broker = asked;
                options.Serve = broker;
                options.Contribution = settings.ContributedBytes == 0 ? null
                    : new StorageContribution(settings.Account.Length > 0 ? KeyFiles.LoadPublicKey(settings.Account) : owner.PublicKey, settings.ContributedBytes);
            });
        }

        builder.Services
            .AddSingleton(directory)
            .AddSingleton<ISigner>(owner)
            .AddSingleton(settings)
            .AddSingleton<OperationGate>()
            .AddSingleton<Retirement>()
            .AddSingleton<HealthCheck>()
            .AddSingleton<ControlDesk>()
            .AddHostedService<Drain>()
            .AddHostedService<ControlServer>()
            .AddHostedService<Announcer>();
        OtlpExport.AddTo(builder, settings, identity.Key.PublicKey.NodeId);
        // Under systemd: tells it when the node is bound and when it stops, and logs with priorities.
        builder.Services.AddSystemd();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.Drain + FarewellTime);
        using var host = builder.Build();
        var node = host.Services.GetRequiredService<PastryNode>();
        using var secondSignal = new SecondSignal(host.Services.GetRequiredService<IHostApplicationLifetime>());
        await host.RunAsync();

        // A node that could not go on tells why.
        await node.Completion;
        return ExitCode.Success;
    }

    private static AdmissionCertificate? CertificateOf(NodeSettings settings, DataDirectory directory) =>
        settings.Certificate.Length > 0 ? KeyFiles.LoadCertificate(settings.Certificate)
        : File.Exists(directory.CertificateFile) ? KeyFiles.LoadCertificate(directory.CertificateFile)
        : null;
}
