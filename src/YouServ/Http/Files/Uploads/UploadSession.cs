
namespace P2P.YouServ.Http.Files;

/// <summary>
/// An unfinished upload. One request at a time works on it, and the newest wins: a client whose connection was cut comes back on another while the first still waits for
/// bytes that never come.
/// </summary>
internal sealed class UploadSession(Upload upload, long offset, DateTimeOffset writtenAt)
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _running;
    private Task _last = Task.CompletedTask;

    public Upload Upload => upload;

    public long Offset { get; set; } = offset;

    public DateTimeOffset WrittenAt { get; set; } = writtenAt;

    /// <summary>Whether it was dropped.</summary>
    public bool IsGone { get; set; }

    /// <summary>Whether the file is in its place. A client whose connection broke at the very end asks for the offset, and has to learn that all is there.</summary>
    public bool IsFinished { get; set; }

    public long Missing => upload.Length - Offset;

    /// <summary>Interrupts who works on it, waits until that has ended, and then works on it.</summary>
    public async Task<T> TakeOverAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var running = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_lock)
        {
            _running?.Cancel();
            (before, _last, _running) = (_last, ended.Task, running);
        }

        try
        {
            await before.ConfigureAwait(false);
            return await work(running.Token).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _running = _running == running ? null : _running;
            }

            ended.SetResult();
        }
    }
}
