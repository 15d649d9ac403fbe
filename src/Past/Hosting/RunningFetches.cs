using System.Collections.Concurrent;

namespace P2P.Past;

/// <summary>Knows the fetches of replicas that go on, so that each can be ended.</summary>
internal sealed class RunningFetches
{
    private readonly ConcurrentDictionary<FileId, CancellationTokenSource> _running = new();

    /// <summary>Notes that a replica is being fetched; of a file, one is at a time.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="done">Ends when it is stored or has failed.</param>
    /// <returns>What is set when the fetch is to end.</returns>
    public CancellationToken Begin(FileId fileId, Task done)
    {
        var ended = new CancellationTokenSource();
        _running[fileId] = ended;
        _ = done.ContinueWith(
            _ => _running.TryRemove(new KeyValuePair<FileId, CancellationTokenSource>(fileId, ended)),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return ended.Token;
    }

    public void End(FileId fileId)
    {
        if (_running.TryGetValue(fileId, out var ended))
        {
            ended.Cancel();
        }
    }
}
