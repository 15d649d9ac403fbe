using Microsoft.Extensions.Hosting;
using NodeSample.Settings;
using P2P.Pastry;

namespace NodeSample.Stopping;

/// <summary>
/// Is the first thing that happens when the node is told to stop, before anything else does: what users have under way may end, for a bounded time, and nothing new begins;
/// then what others read from here.
/// </summary>
internal sealed class Drain(NodeSettings settings, OperationGate operations, PastryNode node) : IHostedLifecycleService
{
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.Drain);
        try
        {
            await Console.Out.WriteLineAsync("draining");
            await operations.CloseAsync().WaitAsync(limit.Token);
            await node.DrainAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"{operations.Running} operations have not ended in time, or others still read from here: they are cut off.");
        }
        catch (PastryException)
        {
            // The node has stopped already; its log says why.
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
