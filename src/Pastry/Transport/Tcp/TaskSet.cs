using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Knows all background tasks, so that the end of a transport is the end of all that it began.</summary>
internal sealed class TaskSet(ILogger logger)
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    public void Run(Func<Task> start)
    {
        var task = Task.Run(() => ContainAsync(start));
        _running.TryAdd(task, 0);
        // After it was added, also if it has ended before.
        task.ContinueWith(
            static (ended, state) => ((ConcurrentDictionary<Task, byte>)state!).TryRemove(ended, out _),
            _running,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Completes when no task is left, those included that running ones begin.</summary>
    public async Task WhenEmptyAsync()
    {
        while (!_running.IsEmpty)
        {
            await Task.WhenAll(_running.Keys).ConfigureAwait(false);
        }
    }

    private async Task ContainAsync(Func<Task> start)
    {
        try
        {
            await start().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            logger.TaskFailed(exception);
        }
    }
}
