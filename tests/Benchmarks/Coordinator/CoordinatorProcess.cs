using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace Benchmarks.Coordinator;

/// <summary>Is a coordinator with SQLite and the embedded server of DNS, in a process of its own, so that its processor time and memory are its own too.</summary>
internal sealed class CoordinatorProcess : IDisposable
{
    public const string Zone = "userv.localhost";

    private const string Verb = "coordinator-process";

    private readonly Process _process;

    private CoordinatorProcess(Process process, Uri url) => (_process, Url) = (process, url);

    public Uri Url { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public double MemoryMegabytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1e6;
        }
    }

    public static async Task<CoordinatorProcess> StartAsync(string folder)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(CoordinatorProcess).Assembly.Location, Verb, folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        var port = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The coordinator did not start.");
        return new(process, new UriBuilder("http", "127.0.0.1", int.Parse(port, CultureInfo.InvariantCulture)).Uri);
    }

    /// <summary>Runs the coordinator where the arguments say so, until nobody listens any more.</summary>
    public static async Task<bool> TryRunAsync(string[] args)
    {
        if (args is not [Verb, var folder])
        {
            return false;
        }

        await using var store = await SqliteCoordinatorStore.OpenAsync(Path.Combine(folder, "coordinator.db"));
        await using var dns = await DnsServer.StartAsync(new()
        {
            Zone = DnsName.Parse(Zone),
            NameServers = [DnsName.Parse($"ns.{Zone}")],
            Records = [DnsRecordSet.OfAddresses(DnsName.Parse($"ns.{Zone}"), IPAddress.Loopback)],
            Endpoints = [new(IPAddress.Loopback, 0)],
            Path = Path.Combine(folder, "dns.db"),
        });
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<ICoordinatorStore>(store).AddSingleton<IDnsPublisher>(dns).AddSingleton<IAuthenticator>(new Trusting());
        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = Zone;
            options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8"));
        });
        await using var application = builder.Build();
        application.MapYouServCoordinator();
        await application.StartAsync();
        Console.WriteLine(new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
        await Console.In.ReadLineAsync();
        await application.StopAsync();
        return true;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }
}
