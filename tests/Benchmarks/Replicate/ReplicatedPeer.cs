using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using P2P.YouServ;

namespace Benchmarks.Replicate;

/// <summary>A peer that others reach through a wire that counts.</summary>
internal sealed class ReplicatedPeer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ReplicatedPeer(WebApplication application, CountingWire wire, int port) => (_application, Wire, Port) = (application, wire, port);

    public YouServPeer Peer => _application.Services.GetRequiredService<YouServPeer>();

    public CountingWire Wire { get; }

    /// <summary>The web server's own port.</summary>
    public int Port { get; }

    public static async Task<ReplicatedPeer> StartAsync(string user, string root, string state, Uri coordinator)
    {
        var port = FreePort();
        var wire = new CountingWire(port);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(coordinator);
            options.Folder = root;
            options.StateFolder = state;
            options.Port = wire.Port;
        });
        var application = builder.Build();
        application.UseYouServPeer();
        await application.StartAsync();
        var started = new ReplicatedPeer(application, wire, port);
        await started.Peer.SignInAsync($"{user}@example.org", "any");
        await started.Peer.WhenAsync(PeerState.Serving);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        Wire.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
