using Microsoft.Extensions.Hosting;
using P2P.Pastry;

namespace NodeSample;

/// <summary>Tells on stdout, a line each, when the node is bound, when it takes part in the ring, and when it is about to leave.</summary>
internal sealed class Announcer(PastryNode node) : BackgroundService
{
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await Console.Out.WriteLineAsync($"listening {node.Handle.Address} id {node.Handle.Id}");
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await Console.Out.WriteLineAsync("leaving");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await node.WhenReadyAsync(stoppingToken);
            await Console.Out.WriteLineAsync("ready");
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastryException)
        {
            // It was stopped before.
        }
    }
}
