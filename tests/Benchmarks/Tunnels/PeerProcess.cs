using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;
using P2P.YouServ.Hosting;

namespace Benchmarks.Tunnels;

/// <summary>Is a peer in a process of its own, signed in at a coordinator, with a site that is open to everyone.</summary>
internal sealed class PeerProcess : IDisposable
{
    private const string Verb = "peer-process";
    private const string Ask = "state";

    /// <summary>Where nobody listens.</summary>
    private static readonly IPAddress Walled = IPAddress.Parse("127.0.0.99");

    private readonly Process _process;

    private PeerProcess(Process process, string host, int port) => (_process, Host, Port) = (process, host, port);

    /// <summary>The name by which its site must be asked.</summary>
    public string Host { get; }

    /// <summary>Where it listens itself, on loopback, also where it says otherwise.</summary>
    public int Port { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<PeerProcess> StartAsync(PeerRole role)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(PeerProcess).Assembly.Location, Verb, JsonSerializer.Serialize(role)])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        var line = await process.StandardOutput.ReadLineAsync();
        return line?.Split(' ') is [var host, var port]
            ? new(process, host, int.Parse(port, CultureInfo.InvariantCulture))
            : throw new InvalidOperationException($"{role.User}'s peer did not start: {line}");
    }

    /// <summary>Asks what the process holds now.</summary>
    public async Task<HeldState> AskStateAsync()
    {
        await _process.StandardInput.WriteLineAsync(Ask);
        return JsonSerializer.Deserialize<HeldState>((await _process.StandardOutput.ReadLineAsync())!)!;
    }

    /// <summary>Runs the peer where the arguments say so, until nobody listens any more.</summary>
    public static async Task<bool> TryRunAsync(string[] args)
    {
        if (args is not [Verb, var text])
        {
            return false;
        }

        var role = JsonSerializer.Deserialize<PeerRole>(text)!;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (role.IsSecure)
            {
                listen.UseHttps();
            }
        }));
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(role.Coordinator);
            options.Folder = role.Folder;
            options.StateFolder = role.StateFolder;
            options.IsProxy = role.IsProxy;
            if (role.IsWalled)
            {
                options.Addresses.Add(Walled);
            }
        });
        await using var application = builder.Build();
        application.UseYouServPeer();
        await application.StartAsync();
        var peer = application.Services.GetRequiredService<YouServPeer>();
        await peer.SignInAsync($"{role.User}@example.org", "any");
        await peer.WhenAsync(PeerState.Serving);
        await peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
        Console.WriteLine($"{peer.Status.Host} {new Uri(application.Urls.Single()).Port}");
        while (await Console.In.ReadLineAsync() == Ask)
        {
            Console.WriteLine(JsonSerializer.Serialize(HeldState.Of(application.Services.GetRequiredService<FrontDoor>().Proxied)));
        }

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
