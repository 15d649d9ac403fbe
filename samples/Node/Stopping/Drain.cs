using System.Diagnostics;
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
    /// <summary>What others have to end what they read from here, though users have taken all of the time.</summary>
    private static readonly TimeSpan ReadersTimeMin = TimeSpan.FromSeconds(2);

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        await Console.Out.WriteLineAsync("draining");
        if (!await EndsInTimeAsync(limit => operations.CloseAsync().WaitAsync(limit), settings.Drain, cancellationToken))
        {
            await Console.Error.WriteLineAsync($"{operations.Running} operations have not ended in time: they are cut off.");
        }

        // Others are to be told in any case.
        var left = settings.Drain - Stopwatch.GetElapsedTime(began);
        if (!await EndsInTimeAsync(limit => node.DrainAsync(limit).AsTask(), left > ReadersTimeMin ? left : ReadersTimeMin, cancellationToken))
        {
            await Console.Error.WriteLineAsync("Others still read from here: they are cut off.");
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task<bool> EndsInTimeAsync(Func<CancellationToken, Task> work, TimeSpan time, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        try
        {
            await work(limit.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (PastryException)
        {
            // The node has stopped already; its log says why.
            return true;
        }
    }
}
