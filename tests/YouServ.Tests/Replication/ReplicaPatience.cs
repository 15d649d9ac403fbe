namespace YouServ.Tests.Replication;

/// <summary>Waits for what others bring about, and says so where it does not come.</summary>
internal sealed class ReplicaPatience : IDisposable
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    public async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            if (_limit.IsCancellationRequested)
            {
                throw new TimeoutException("What was waited for has not come.");
            }

            await Task.Yield();
        }
    }

    public void Dispose() => _limit.Dispose();
}
