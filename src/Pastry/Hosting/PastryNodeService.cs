using Microsoft.Extensions.Hosting;

namespace P2P.Pastry.Hosting;

/// <summary>Starts a node with the application's host, and lets it say farewell when that stops.</summary>
internal sealed class PastryNodeService(PastryNode node) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => node.StartAsync(cancellationToken).AsTask();

    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync(cancellationToken).AsTask();
}
