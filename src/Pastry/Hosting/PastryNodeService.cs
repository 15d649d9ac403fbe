using Microsoft.Extensions.Hosting;

namespace P2P.Pastry;

/// <summary>
/// Starts a node with the application's host, and lets it say farewell when that stops. A node that fails takes the application with it, which
/// would else go on without anybody noticing that it is alone.
/// </summary>
internal sealed class PastryNodeService(PastryNode node, IHostApplicationLifetime? lifetime) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await node.StartAsync(cancellationToken).ConfigureAwait(false);
        _ = WatchAsync();
    }

    public Task StopAsync(CancellationToken cancellationToken) => node.StopAsync(cancellationToken).AsTask();

    private async Task WatchAsync()
    {
        try
        {
            await node.Completion.ConfigureAwait(false);
        }
        catch (PastryException)
        {
            // The node has logged why.
            lifetime?.StopApplication();
        }
    }
}
